import Contract
import HTTPTypes
import Hummingbird
import Logging
import Model

/// Turns whatever a route throws into a problem, and puts on every answer what every answer has.
struct ProblemMiddleware: RouterMiddleware {
  @concurrent
  func handle(
    _ request: Request, context: ConsoleContext,
    next: @concurrent (Request, ConsoleContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as CancellationError {
      throw error
    } catch {
      response = answer(to: error, request, context)
    }
    response.headers[.requestID] = context.requestID.description
    for field in Self.fields where response.headers[field.name] == nil { response.headers[field.name] = field.value }
    return response
  }

  /// The problem that an error is. One that nobody foresaw is logged here, once, and not told.
  private func answer(to error: any Error, _ request: Request, _ context: ConsoleContext) -> Response {
    let refusal = Refusal(error, path: request.uri.path)
    if refusal == nil {
      context.logger.error(
        "console request failed",
        metadata: [
          "error": "\(error)", "request.id": "\(context.requestID)",
          "http.route": "\(context.endpointPath ?? "")", "http.request.method": "\(request.method.rawValue)",
        ])
    }
    return response(refusal ?? Refusal(.internalError), requestID: context.requestID.description)
  }

  private func response(_ refusal: Refusal, requestID: String) -> Response {
    let problem = Problem(refusal.code, detail: refusal.detail, requestID: requestID, errors: refusal.errors)
    var response = Response(
      status: HTTPResponse.Status(code: problem.status), json: Problem.shape.json(problem),
      mediaType: Problem.mediaType)
    response.headers.append(contentsOf: refusal.headers)
    return response
  }

  /// Nothing here is to be cached, guessed a type of, framed or told to other sites.
  private static let fields: HTTPFields = [
    .cacheControl: "no-store",
    .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    .xContentTypeOptions: "nosniff",
    HTTPField.Name("Referrer-Policy")!: "no-referrer",
    HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
  ]
}
