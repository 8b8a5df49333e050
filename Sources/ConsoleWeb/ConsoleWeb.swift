package import Console
package import ConsoleAPI
package import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Logging
import Model
package import NIOCore
import Store

/// The web console: pages to use cases, which the JSON API has as well, and nothing else.
package struct ConsoleWeb: Sendable {
  let console: Console
  let clientAddress: ClientAddress
  let gatewayURL: String
  let pages: PageLibrary
  let now: @Sendable () -> Date

  /// - Parameters:
  ///   - gatewayURL: where callers reach the gateway, as pages show it.
  ///   - trusts: whether a peer is a proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
  /// - Throws: when a template is broken.
  package init(
    _ console: Console, gatewayURL: String, trusts: @escaping @Sendable (SocketAddress) -> Bool = { _ in false },
    now: @escaping @Sendable () -> Date = { Date() }
  ) throws {
    (self.console, self.gatewayURL, self.now) = (console, gatewayURL, now)
    clientAddress = ClientAddress(trusts: trusts)
    pages = try PageLibrary()
  }

  static let routes: [PageRoute] = [overviewPages, sessionPages, subscriptionKeyPages].flatMap(\.self)

  /// Adds the pages and what they load.
  package func addRoutes(to router: Router<ConsoleContext>) {
    let group = router.group().add(middleware: PageMiddleware(web: self))
    for route in Self.routes {
      group.on(route.path, method: route.method) { request, context in
        try await route.respond(BrowserRequest(request, context, self))
      }
    }
    for asset in Asset.all {
      group.get(RouterPath(asset.path)) { request, _ in asset.response(to: request) }
    }
  }

  /// The use cases for who asks by this request.
  func console(for request: Request, _ context: ConsoleContext, as principal: Principal?) -> Console {
    console.acting(
      as: Actor(
        account: principal?.account, requestID: context.requestID.description,
        address: clientAddress.of(request, from: context.peer)))
  }

  /// Whether the browser came by TLS, as a trusted proxy says.
  func isSecure(_ request: Request, _ context: ConsoleContext) -> Bool {
    guard let peer = context.peer, clientAddress.trusts(peer) else { return false }
    return request.headers[.forwardedProto] == "https"
  }
}

extension HTTPField.Name {
  fileprivate static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")!
}

/// Turns whatever a page throws into a page, and puts on every answer what keeps it safe in a browser.
struct PageMiddleware: RouterMiddleware {
  let web: ConsoleWeb

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
      let browser = BrowserRequest(request, context, web)
      guard let page = browser.response(to: error) else {
        context.logger.error(
          "console page failed",
          metadata: ["error": "\(error)", "request.id": "\(context.requestID)", "url.path": "\(request.uri.path)"])
        response = browser.problemPage(browser.visit(), status: 500, code: "internal_error")
        return finished(response)
      }
      response = page
    }
    return finished(response)
  }

  private func finished(_ response: Response) -> Response {
    var response = response
    for field in Self.fields where response.headers[field.name] == nil { response.headers[field.name] = field.value }
    return response
  }

  /// Only what this origin serves is loaded, forms go nowhere else, and no page is kept, framed or told of elsewhere.
  /// `same-origin`, for with `no-referrer` a browser would send forms without its origin.
  private static let fields: HTTPFields = [
    .cacheControl: "no-store",
    .contentSecurityPolicy: """
    default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'
    """,
    HTTPField.Name("Referrer-Policy")!: "same-origin",
    HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin",
  ]
}
