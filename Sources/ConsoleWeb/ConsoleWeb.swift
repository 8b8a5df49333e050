package import Console
package import ConsoleAPI
package import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Model
package import NIOCore
import Store

/// The web console: pages to use cases, which the JSON API has as well, and nothing else.
package struct ConsoleWeb: Sendable {
  let console: Console
  let clientAddress: ClientAddress
  let pages: PageLibrary
  let gatewayURL: @Sendable () -> GatewayURL
  let now: @Sendable () -> Date
  let gatewayCaller = GatewayCaller()

  /// - Parameters:
  ///   - gatewayURL: where the gateway is, which may be known only once it listens.
  ///   - trusts: whether a peer is a proxy whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
  /// - Throws: when a template is broken.
  package init(
    _ console: Console, gatewayURL: @escaping @Sendable () -> GatewayURL,
    trusts: @escaping @Sendable (SocketAddress) -> Bool = { _ in false },
    now: @escaping @Sendable () -> Date = { Date() }
  ) throws {
    (self.console, self.gatewayURL, self.now) = (console, gatewayURL, now)
    clientAddress = ClientAddress(trusts: trusts)
    pages = try PageLibrary()
  }

  static let routes: [PageRoute] = [
    overviewPages, sessionPages,
    keyListPages, subscriptionKeyPages, secretPages, keyStatePages, keyImportPages,
    authorizationListPages, authorizationPages, newAuthorizationPages,
    groupPages, limitPolicyListPages, limitPolicyPages, limitPolicyChangePages,
    explainPages, tryItPages, domainListPages, domainPages, domainChangePages, accountListPages, accountPages,
    accountStatePages,
    invitationPages,
    ownAccountPages, accessTokenListPages, accessTokenPages, auditListPages, auditPages, usagePages, tenantPages,
  ].flatMap(\.self)

  /// The patterns of all that is there by GET.
  static let pages: Set<String> = Set(routes.filter { $0.method == .get }.map { $0.path.description })

  /// Adds the pages and what they load.
  package func addRoutes(to router: Router<ConsoleContext>) {
    router.add(middleware: UnknownPages(web: self))
    let group = router.group().add(middleware: answering)
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
    let (id, address) = (context.requestID.description, clientAddress.of(request, from: context.peer))
    let client = request.headers[.userAgent].flatMap { ClientName(userAgent: $0) }
    return console.acting(
      as: principal?.actor(requestID: id, address: address, client: client)
        ?? Actor(requestID: id, address: address, client: client)
    ).shown(cookies(for: request, context).device(in: request))
  }

  /// The host, with its port, that the browser asked for: what a trusted proxy says it was, or else the request's own.
  func authority(of request: Request, _ context: ConsoleContext) -> String? {
    clientAddress.forwarded(.forwardedHost, of: request, from: context.peer)
      ?? request.head.authority ?? request.headers[.host]
  }

  /// What the browser keeps that sent this.
  func cookies(for request: Request, _ context: ConsoleContext) -> BrowserCookies {
    BrowserCookies(isSecure: clientAddress.isSecure(request, from: context.peer))
  }
}

extension HTTPField.Name {
  fileprivate static let forwardedHost = HTTPField.Name("X-Forwarded-Host")!
  fileprivate static let host = HTTPField.Name("Host")!
}

extension ConsoleWeb {
  /// Turns errors into pages, and keeps every page safe in a browser.
  fileprivate var answering: AnsweringMiddleware {
    AnsweringMiddleware(fields: Self.safeguards) { error, request, context in
      BrowserRequest(request, context, self).response(to: error)
    } fallback: { request, context in
      await BrowserRequest(request, context, self).unforeseenPage()
    }
  }

  /// Only what this origin serves is loaded, forms go nowhere else, and no page is kept, framed or told of elsewhere.
  /// `same-origin`, for with `no-referrer` a browser would send forms without its origin.
  static let safeguards: HTTPFields = [
    .cacheControl: "no-store",
    .contentSecurityPolicy: """
    default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'
    """,
    HTTPField.Name("Referrer-Policy")!: "same-origin",
    HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin",
  ]
}
