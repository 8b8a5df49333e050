package import Model
import Store

extension Console {
  /// Makes a token of the principal's account, whose value is in the answer and nowhere else.
  ///
  /// - Throws: ``ConsoleError/sessionRequired`` for a token: it would outlive its own deletion.
  package func createAccessToken(
    _ draft: AccessToken.Draft, as principal: Principal
  ) async throws -> AccessToken.Issued {
    try principal.require(.manageOwnAccess)
    let role = draft.role ?? principal.role
    guard role <= principal.role else { throw InvalidInput("/role", "must not be above the account's own") }
    let value = Credential<AccessToken>.random()
    let token = try await store.run(
      in: principal.tenant,
      AccessTokens.insert(
        draft, role: role, value: value, id: .random(), of: principal.account, in: principal.tenant))
    guard let token else { throw ConsoleError.notSignedIn }
    return AccessToken.Issued(token: token, value: value)
  }

  /// The account's own tokens, or the whole tenant's for an owner.
  package func accessTokens(
    _ filter: AccessToken.Filter, _ slice: SliceRequest<AccessToken>, as principal: Principal
  ) async throws -> Slice<AccessToken> {
    try principal.require(filter.all ? .seeEverybodysTokens : .anyRole)
    let tokens = try await store.run(
      in: principal.tenant,
      AccessTokens.list(
        of: filter.all ? nil : principal.account, filter.text, slice.order, after: slice.after,
        limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: tokens, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.name.description, in: slice.order)
    }
  }

  /// One of the account's own tokens, or of the tenant's for an owner.
  package func accessToken(_ id: ID<AccessToken>, as principal: Principal) async throws -> AccessToken {
    try principal.require(.anyRole)
    let token = try await store.run(
      in: principal.tenant, AccessTokens.find(id, of: principal.managedTokensAccount, in: principal.tenant))
    guard let token else { throw ConsoleError.notFound }
    return token
  }

  /// Deletes one of the account's own tokens, or of the tenant's for an owner. A token may delete itself and no other.
  package func deleteAccessToken(_ id: ID<AccessToken>, as principal: Principal) async throws {
    try principal.require(.anyRole)
    if case .accessToken(let own) = principal.credential, own != id { throw ConsoleError.sessionRequired }
    let deleted = try await store.run(
      in: principal.tenant, AccessTokens.delete(id, of: principal.managedTokensAccount, in: principal.tenant))
    guard deleted == 1 else { throw ConsoleError.notFound }
  }
}

extension Principal {
  /// Whose tokens this principal sees and deletes; `nil` for an owner: everybody's.
  fileprivate var managedTokensAccount: ID<Account>? {
    has(.seeEverybodysTokens) ? nil : account
  }
}
