package import Console
package import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Model
package import NIOCore
import Store

/// The console's JSON API under `/v1`: routes to use cases, and nothing else.
package struct ConsoleAPI: Sendable {
  let console: Console
  let clientAddress: ClientAddress
  let now: @Sendable () -> Date
  let latenessOfBodies: Duration
  /// Whether a route asks for what its use case requires before it looks at what is sent. The use case refuses in any case,
  /// which tests see by turning this off.
  var asksFirst = true

  /// - Parameters:
  ///   - trusts: whether a peer is a proxy whose `X-Forwarded-For` is believed.
  ///   - latenessOfBodies: behind its head from which on a body is late, so that it is asked anew who is let in.
  ///   - now: the time by which `expiresAt` must be in the future.
  package init(
    _ console: Console, trusts: @escaping @Sendable (SocketAddress) -> Bool = { _ in false },
    latenessOfBodies: Duration = .milliseconds(100), now: @escaping @Sendable () -> Date = { Date() }
  ) {
    (self.console, self.latenessOfBodies, self.now) = (console, latenessOfBodies, now)
    clientAddress = ClientAddress(trusts: trusts)
  }

  /// Every route, in the order of the document that describes them.
  static let routes: [Route] = [
    tenantRoutes, sessionRoutes, accountRoutes, invitationRoutes, accessTokenRoutes, subscriptionKeyRoutes,
    secretRoutes, subscriptionSearchRoutes,
    apiGroupRoutes, environmentRoutes, apiRoutes, importRoutes, revisionRoutes, deploymentRoutes,
    authorizableGroupRoutes, authorizationRoutes, receivedAuthorizationRoutes, limitPolicyRoutes, remainingLimitRoutes,
    domainRoutes, explainRoutes, usageRoutes, auditEventRoutes,
    documentRoutes,
  ].flatMap(\.self)

  /// A router of the API that answers everything else with 404.
  package func makeRouter() -> Router<ConsoleContext> {
    let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
    addRoutes(to: router)
    return router
  }

  /// Adds the API's routes, and middleware that turns whatever is thrown under any path into a problem.
  package func addRoutes(to router: Router<ConsoleContext>) {
    router.add(middleware: AnsweringMiddleware.problems)
    for route in Self.routes {
      router.on(RouterPath("/v1" + route.operation.path.template), method: route.operation.method) { request, context in
        try await route.respond(request, context, self)
      }
    }
  }

  /// The use cases for who asks by this request.
  func console(for request: Request, _ context: ConsoleContext, as principal: Principal? = nil) -> Console {
    let (id, address) = (context.requestID.description, clientAddress.of(request, from: context.peer))
    let client = request.headers[.userAgent].flatMap { ClientName(userAgent: $0) }
    return console.acting(
      as: principal?.actor(requestID: id, address: address, client: client)
        ?? Actor(requestID: id, address: address, client: client)
    ).shown(cookies(for: request, context).device(in: request))
  }

  /// What the browser keeps that may have sent this.
  func cookies(for request: Request, _ context: ConsoleContext) -> BrowserCookies {
    BrowserCookies(isSecure: clientAddress.isSecure(request, from: context.peer))
  }

  /// RFC 6750 §2.1: `Authorization: Bearer`, once, with a session's token or an access token.
  func authenticate(_ request: Request) async throws -> Principal {
    let fields = request.headers[values: .authorization]
    guard fields.count == 1, let field = fields.first else { throw ConsoleError.notSignedIn }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw ConsoleError.notSignedIn }
    let text = String(parts[1])
    if let token = SessionToken(text) { return try await console.authenticate(token) }
    if let value = Credential<AccessToken>(text) { return try await console.authenticate(value) }
    throw ConsoleError.notSignedIn
  }

  /// The methods that some route takes at this path; empty if there is none.
  static func methods(at path: String) -> [HTTPRequest.Method] {
    guard path.hasPrefix("/v1/") else { return [] }
    var methods: [HTTPRequest.Method] = []
    for route in routes where route.operation.path.matches(path.dropFirst(3)) {
      // Two templates can match: a word, and any id in its place.
      if !methods.contains(route.operation.method) { methods.append(route.operation.method) }
    }
    return methods.contains(.get) ? methods + [.head] : methods
  }
}
