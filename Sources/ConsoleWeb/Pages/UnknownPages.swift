import ConsoleAPI
import HTTPTypes
import Hummingbird

/// Answers a browser that asks for a page that there is not with a page. Programs, and all below `/v1`, are answered by
/// the API.
struct UnknownPages: RouterMiddleware {
  let web: ConsoleWeb

  @concurrent
  func handle(
    _ request: Request, context: ConsoleContext,
    next: @concurrent (Request, ConsoleContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as any HTTPResponseError where error.status == .notFound && request.wantsPage {
      var response = await BrowserRequest(request, context, web).unknownPage()
      for field in ConsoleWeb.safeguards { response.headers[field.name] = field.value }
      return response
    }
  }
}

extension Request {
  /// Whether a person looks at the answer.
  var wantsPage: Bool {
    let path = uri.path
    return path != "/v1" && !path.hasPrefix("/v1/")
      && headers[values: .accept].contains { $0.lowercased().contains("text/html") }
  }
}

extension BrowserRequest {
  /// With the navigation for whoever is signed in.
  fileprivate func unknownPage() async -> Response {
    let signedIn = try? await signedInVisit()
    return problemPage(signedIn?.visit ?? visit(), status: 404, code: "not_found", shownTo: signedIn)
  }
}
