package import HTTPTypes
package import Hummingbird
import Logging
import Model

/// Answers whatever a route throws, and puts on every answer the request's id and the fields that it has not.
package struct AnsweringMiddleware: RouterMiddleware {
  private let fields: HTTPFields
  private let answer: @Sendable (any Error, Request, ConsoleContext) -> Response?
  private let fallback: @Sendable (Request, ConsoleContext) async -> Response

  /// - Parameters:
  ///   - answer: what an error comes to; nil for one that nobody foresaw, which is logged here, once, and not told.
  ///   - fallback: what is answered then.
  package init(
    fields: HTTPFields, answer: @escaping @Sendable (any Error, Request, ConsoleContext) -> Response?,
    fallback: @escaping @Sendable (Request, ConsoleContext) async -> Response
  ) {
    (self.fields, self.answer, self.fallback) = (fields, answer, fallback)
  }

  @concurrent
  package func handle(
    _ request: Request, context: ConsoleContext,
    next: @concurrent (Request, ConsoleContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as CancellationError {
      throw error
    } catch {
      if let foreseen = answer(error, request, context) {
        response = foreseen
      } else {
        Self.logUnforeseen(error, request, context)
        response = await fallback(request, context)
      }
    }
    response.headers[.requestID] = context.requestID.description
    for field in fields where response.headers[field.name] == nil { response.headers[field.name] = field.value }
    return response
  }

  /// For an error that nobody foresaw, once, where it is answered.
  package static func logUnforeseen(_ error: any Error, _ request: Request, _ context: ConsoleContext) {
    context.logger.error(
      "console request failed",
      metadata: [
        "error": "\(error)", "http.route": "\(context.endpointPath ?? "")",
        "http.request.method": "\(request.method.rawValue)",
      ])
  }
}
