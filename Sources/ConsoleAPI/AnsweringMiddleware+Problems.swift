import Contract
import HTTPTypes
import Hummingbird
import Model

extension AnsweringMiddleware {
  /// Turns errors into problems.
  static let problems = AnsweringMiddleware(fields: safeguards) { error, request, context in
    Refusal(error, path: request.uri.path).map { response($0, context) }
  } fallback: { _, context in
    response(Refusal(.internalError), context)
  }

  private static func response(_ refusal: Refusal, _ context: ConsoleContext) -> Response {
    let problem = Problem(
      refusal.code, detail: refusal.detail, requestID: context.requestID.description, errors: refusal.errors,
      uses: refusal.uses)
    var response = Response(
      status: HTTPResponse.Status(code: problem.status), json: Problem.shape.json(problem),
      mediaType: Problem.mediaType)
    response.headers.append(contentsOf: refusal.headers)
    return response
  }

  /// Nothing here is to be cached, guessed a type of, framed or told to other sites.
  private static let safeguards: HTTPFields = [
    .cacheControl: "no-store",
    .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    .xContentTypeOptions: "nosniff",
    HTTPField.Name("Referrer-Policy")!: "no-referrer",
    HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
  ]
}
