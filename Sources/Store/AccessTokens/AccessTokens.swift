package import Model
package import Postgres

/// Whose access token was shown, and what it may at the moment.
package struct TokenHolder: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
  package let token: ID<AccessToken>
  package let role: Role
  /// Whether it was not written down for a minute that the token was used.
  package let isTouchDue: Bool
}

/// Statements about access tokens.
package enum AccessTokens {
  /// Makes a token of an account that is active; else nothing.
  package static func insert(
    _ draft: AccessToken.Draft, role: Role, value: Credential<AccessToken>, id: ID<AccessToken>,
    of account: ID<Account>,
    in tenant: ID<Tenant>
  ) -> Statement<AccessToken?> {
    Query(
      "access_token.insert",
      """
      INSERT INTO access_tokens (tenant_id, id, account_id, name, role, digest, prefix, expires_at)
      SELECT tenant_id, \(id), id, \(draft.name), \(role), \(value.digest), \(value.prefix), \(draft.expiresAt)
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = \(account) AND state = 'active'
      RETURNING id, account_id, name, role, prefix, created_at, expires_at, last_used_at
      """
    ) { row in try AccessToken(row: &row) }.first
  }

  /// Asks for no tenant: the definer function answers for one digest.
  package static func find(digest: SecretDigest) -> Statement<TokenHolder?> {
    Query(
      "access_token.find_by_digest",
      """
      SELECT tenant_id, account_id, id, account_role, role, is_touch_due
      FROM access_token_by_digest(\(digest))
      """
    ) { row in
      try TokenHolder(
        tenant: row.next(), account: row.next(), token: row.next(),
        role: min(row.next(Role.self), row.next(Role.self)), isTouchDue: row.next())
    }.first
  }

  /// Writes down that a token is used, unless that was done less than a minute ago.
  package static func touch(_ id: ID<AccessToken>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "access_token.touch",
      """
      UPDATE access_tokens
      SET last_used_at = now()
      WHERE tenant_id = \(tenant) AND id = \(id)
        AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')
      """
    ).affected
  }

  /// A token of whatever account, or of this one only.
  package static func find(
    _ id: ID<AccessToken>, of account: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<AccessToken?> {
    Query(
      "access_token.find",
      """
      SELECT id, account_id, name, role, prefix, created_at, expires_at, last_used_at
      FROM access_tokens
      WHERE tenant_id = \(tenant) AND id = \(id) AND account_id = coalesce(\(account), account_id)
      """
    ) { row in try AccessToken(row: &row) }.first
  }

  /// At least the first `limit` tokens of whatever account, or of this one only. By a text, it looks at each of them until
  /// the page is full.
  package static func list(
    of account: ID<Account>?, _ text: SearchText?, _ order: ListOrder = .newest,
    after position: Position<AccessToken>?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[AccessToken]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add("account", account.map { "AND account_id = \($0)" })
    narrowing.add("text", text.map { $0.isFound(in: "name, prefix, id") })
    let rows = narrowing.rows(limit)
    return Query(
      "access_token.list",
      """
      SELECT id, account_id, name, role, prefix, created_at, expires_at, last_used_at
      FROM access_tokens
      WHERE tenant_id = \(tenant) \(narrowing.conditions)
      ORDER BY \(rowOrder.clause())
      LIMIT \(rows)
      """
    ) { row in try AccessToken(row: &row) }.variant(narrowing.names).all
  }

  /// Deletes a token of whatever account, or of this one only. Gives how many it was, 0 or 1.
  package static func delete(
    _ id: ID<AccessToken>, of account: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "access_token.delete",
      """
      DELETE FROM access_tokens
      WHERE tenant_id = \(tenant) AND id = \(id) AND account_id = coalesce(\(account), account_id)
      """
    ).affected
  }
}

extension AccessToken {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), account: try row.next(), name: try row.next(), role: try row.next(),
      prefix: try row.next(), createdAt: try row.next(), expiresAt: try row.next(), lastUsedAt: try row.next())
  }
}
