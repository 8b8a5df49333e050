import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let sessionRoutes: [Route] = [
    .open(
      .post, "/sessions", "signIn", "Signs an account in to its tenant.",
      takes: .body(Session.Credentials.shape), gives: .created(Session.shape), problems: [.wrongCredentials]
    ) { console, credentials in
      try await console.signIn(credentials)
    },
    Route(
      .delete, "/sessions/current", "signOut", "Ends the session whose token is shown.",
      takes: .nothing, gives: .noContent
    ) { call, _ in
      try await call.console.signOut(call.principal)
    },
    Route(
      .get, "/me", "getMe", "Shows the account and the tenant of the session.",
      takes: .nothing, gives: .ok(Identity.shape)
    ) { call, _ in
      let (tenant, account) = try await call.console.whoAmI(call.principal)
      return Identity(tenant: tenant, account: account)
    },
  ]
}
