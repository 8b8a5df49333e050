import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var session: PathParameter<ID<OpenSession>> { .init("sessionId", "The session's id.") }
}

extension ConsoleAPI {
  static let sessionRoutes: [Route] = [
    .open(
      .post, "/sessions", "signIn", "Signs an account in to its tenant.",
      """
      Sign-in is throttled per account and per address. What was wrong, tenant, account or password, is not told. The answer \
      sets the cookie `latchkey-device` (`__Host-latchkey-device` by TLS) for 180 days: whoever shows it has attempts of \
      its own at this account, and is not kept out by what others try. It lets nobody in, and a program may ignore it.
      """,
      takes: .body(Session.Credentials.shape), gives: .session,
      problems: [.wrongCredentials, .tooManyAttempts]
    ) { console, credentials in
      try await console.signIn(credentials)
    },
    Route(
      .get, "/sessions", "listSessions", "Lists the account's sessions that have not ended, newest first.",
      "A session ends 7 days after it began, and 8 hours after it was last used.",
      requires: .manageOwnAccess, takes: .query(ListQuery<Void>.plain),
      gives: .ok(Page.shape("SessionPage", of: OpenSession.shape))
    ) { call, query in
      try await call.page(call.console.sessions(call.slice(query), as: call.principal))
    },
    Route(
      .delete, "/sessions/\(.session)", "endSession", "Ends one of the account's sessions.",
      "Its token is refused from now on.",
      requires: .manageOwnAccess, takes: .nothing, gives: .noContent
    ) { call, _ in
      try await call.console.endSession(call[.session], as: call.principal)
    },
    Route(
      .delete, "/sessions/current", "signOut", "Ends the session whose token is shown.",
      "Its token is refused from now on.",
      requires: .manageOwnAccess, takes: .nothing, gives: .noContent
    ) { call, _ in
      try await call.console.signOut(call.principal)
    },
    Route(
      .get, "/me", "getMe", "Shows the account and the tenant of the session.", "By a session or an access token.",
      requires: .anyRole, takes: .nothing, gives: .ok(Identity.shape)
    ) { call, _ in
      let (tenant, account) = try await call.console.whoAmI(call.principal)
      return Identity(tenant: tenant, account: account)
    },
  ]
}
