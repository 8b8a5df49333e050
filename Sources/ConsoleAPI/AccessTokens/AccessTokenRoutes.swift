import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var accessToken: PathParameter<ID<AccessToken>> { .init("accessTokenId", "The access token's id.") }
}

extension ConsoleAPI {
  static let accessTokenRoutes: [Route] = [
    Route(
      .post, "/access-tokens", "createAccessToken",
      "Creates an access token of one's own account, whose value is shown here only.",
      "It may what its account may, at most what its role may, and never make access tokens. A session is needed.",
      requires: .manageOwnAccess, takes: .body(AccessToken.Draft.shape), gives: .created(AccessToken.Issued.shape),
      problems: [.quotaExceeded]
    ) { call, draft in
      try await call.console.createAccessToken(draft, as: call.principal)
    },
    Route(
      .get, "/access-tokens", "listAccessTokens",
      "Lists one's own access tokens; with all, for an owner, the whole tenant's.",
      "Without their values, which nobody has.",
      requires: .anyRole, takes: .query(AccessToken.Filter.query),
      gives: .ok(Page.shape("AccessTokenPage", of: AccessToken.shape)), problems: [.forbidden]
    ) { call, query in
      try await call.page(call.console.accessTokens(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/access-tokens/\(.accessToken)", "getAccessToken",
      "Shows an access token of one's own; an owner, any of the tenant's.", "Without its value, which nobody has.",
      requires: .anyRole, takes: .nothing, gives: .ok(AccessToken.shape)
    ) { call, _ in
      try await call.console.accessToken(call[.accessToken], as: call.principal)
    },
    Route(
      .delete, "/access-tokens/\(.accessToken)", "deleteAccessToken",
      "Deletes an access token of one's own; an owner, any of the tenant's; a token, itself.",
      "It is refused from now on.",
      requires: .anyRole, takes: .nothing, gives: .noContent, problems: [.sessionRequired]
    ) { call, _ in
      try await call.console.deleteAccessToken(call[.accessToken], as: call.principal)
    },
  ]
}
