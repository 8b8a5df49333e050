import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var authorization: PathParameter<ID<Authorization>> { .init("authorizationId", "The authorization's id.") }
}

extension ConsoleAPI {
  static let authorizationRoutes: [Route] = [
    Route(
      .post, "/authorizations", "createAuthorization", "Authorizes a subscription key for targets.",
      """
      The key may be any tenant's, if it consents to this provider. For each target a key has one authorization at \
      most.
      """,
      requires: .manageAuthorizations, takes: .body(Authorization.Draft.shape),
      gives: .created(Authorization.shape, version: \.updatedAt),
      problems: [.alreadyAuthorized, .quotaExceeded], takesWait: true
    ) { call, draft in
      try await call.console.createAuthorization(draft, as: call.principal)
    },
    Route(
      .get, "/authorizations", "listAuthorizations", "Lists the tenant's authorizations.",
      "Those that the tenant gave, by key, group, environment and state.",
      requires: .anyRole, takes: .query(Authorization.Filter.query),
      gives: .ok(Page.shape("AuthorizationPage", of: Authorization.shape))
    ) { call, query in
      try await call.page(call.console.authorizations(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/authorizations/\(.authorization)", "getAuthorization", "Shows an authorization.",
      "One that the tenant gave.",
      requires: .anyRole, takes: .nothing, gives: .ok(Authorization.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.authorization(call[.authorization], as: call.principal)
    },
    Route(
      .patch, "/authorizations/\(.authorization)", "updateAuthorization",
      "Changes an authorization; the targets given are all it then has.",
      "It keeps its id and what is counted by it. Gateways go by the change at once.",
      requires: .manageAuthorizations, takes: .update(Authorization.Changes.shape),
      gives: .ok(Authorization.shape, version: \.updatedAt),
      problems: [.alreadyAuthorized, .quotaExceeded], takesWait: true,
      reaching: { call, changes in .narrowedAuthorization(try call[.authorization], changes) }
    ) { call, changes in
      try await call.console.updateAuthorization(
        call[.authorization], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/authorizations/\(.authorization)", "deleteAuthorization",
      "Deletes an authorization: the key is refused there from now on.",
      "To authorize the key again is another authorization.",
      requires: .manageAuthorizations, takes: .nothing, gives: .noContent, takesWait: true,
      reaching: { call, _ in .authorization(try call[.authorization]) }
    ) { call, _ in
      try await call.console.deleteAuthorization(call[.authorization], as: call.principal)
    },
  ]

  static let receivedAuthorizationRoutes: [Route] = [
    Route(
      .get, "/subscription-keys/\(.subscriptionKey)/authorizations", "listReceivedAuthorizations",
      "Lists what providers authorized a subscription key for, newest first.",
      "Those of any provider. Why they gave them is not told.",
      requires: .anyRole, takes: .query(ListQuery<Void>.plain),
      gives: .ok(Page.shape("ReceivedAuthorizationPage", of: ReceivedAuthorization.shape))
    ) { call, query in
      let (authorizations, next) = try await call.console.receivedAuthorizations(
        of: call[.subscriptionKey], call.slice(query), as: call.principal)
      return Page(items: authorizations, nextCursor: next.map { Cursor.text($0, of: call.listIdentity) })
    }
  ]
}
