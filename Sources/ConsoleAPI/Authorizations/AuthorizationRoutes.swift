import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var authorization: PathParameter<ID<Authorization>> { .init("authorizationId") }
}

extension ConsoleAPI {
  static let authorizationRoutes: [Route] = [
    Route(
      .post, "/authorizations", "createAuthorization", "Authorizes a subscription key for targets.",
      takes: .body(Authorization.Draft.shape), gives: .created(Authorization.shape, version: \.updatedAt),
      problems: [.forbidden, .alreadyAuthorized, .quotaExceeded], takesWait: true
    ) { call, draft in
      try await call.console.createAuthorization(draft, as: call.principal)
    },
    Route(
      .get, "/authorizations", "listAuthorizations", "Lists the tenant's authorizations, newest first.",
      takes: .query(Authorization.Filter.query),
      gives: .ok(Page.shape("AuthorizationPage", of: Authorization.shape))
    ) { call, query in
      try await call.page(call.console.authorizations(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/authorizations/\(.authorization)", "getAuthorization", "Shows an authorization.",
      takes: .nothing, gives: .ok(Authorization.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.authorization(call[.authorization], as: call.principal)
    },
    Route(
      .patch, "/authorizations/\(.authorization)", "updateAuthorization",
      "Changes an authorization; the targets given are all it then has.",
      takes: .update(Authorization.Changes.shape), gives: .ok(Authorization.shape, version: \.updatedAt),
      problems: [.forbidden, .alreadyAuthorized], takesWait: true
    ) { call, changes in
      try await call.console.updateAuthorization(
        call[.authorization], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/authorizations/\(.authorization)", "deleteAuthorization",
      "Deletes an authorization: the key is refused there from now on.",
      takes: .nothing, gives: .noContent, problems: [.forbidden], takesWait: true
    ) { call, _ in
      try await call.console.deleteAuthorization(call[.authorization], as: call.principal)
    },
  ]

  static let receivedAuthorizationRoutes: [Route] = [
    Route(
      .get, "/subscription-keys/\(.subscriptionKey)/authorizations", "listReceivedAuthorizations",
      "Lists what providers authorized a subscription key for, newest first.",
      takes: .query(ListQuery<Void>.plain),
      gives: .ok(Page.shape("ReceivedAuthorizationPage", of: ReceivedAuthorization.shape))
    ) { call, query in
      let (authorizations, next) = try await call.console.receivedAuthorizations(
        of: call[.subscriptionKey], call.slice(query), as: call.principal)
      return Page(items: authorizations, nextCursor: next.map { Cursor.text($0, of: call.listIdentity) })
    }
  ]
}
