package import FoundationEssentials
package import Model
package import Postgres

/// Who may be signing in, and how that is found out.
package struct SignInCandidate: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
  /// `nil` for an account that has no password yet.
  package let passwordHash: String?
  package let state: Account.State
}

/// Whose token was shown.
package struct SignedInAccount: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
  package let session: ID<OpenSession>
  package let role: Role
  /// Whether it was long not written down that the session was used.
  package let isTouchDue: Bool
}

/// What there is to write down of a session that begins.
package struct NewSession: Sendable {
  package let digest: SecretDigest
  /// Where it is begun.
  package let address: String?
  /// By which program.
  package let client: ClientName?
  /// How long it lasts, used or not.
  package let lifetime: TimeInterval
  /// How long it lasts without being used.
  package let idleTimeout: TimeInterval

  package init(
    digest: SecretDigest, address: String?, client: ClientName?, lifetime: TimeInterval, idleTimeout: TimeInterval
  ) {
    (self.digest, self.address, self.client) = (digest, address, client)
    (self.lifetime, self.idleTimeout) = (lifetime, idleTimeout)
  }
}

/// Statements about sessions.
package enum Sessions {
  /// Asks for no tenant: the definer function answers for one slug and one address.
  package static func candidate(slug: Slug, email: EmailAddress) -> Statement<SignInCandidate?> {
    Query(
      "session.candidate",
      "SELECT tenant_id, account_id, password_hash, state FROM account_by_email(\(slug), \(email))"
    ) { row in
      try SignInCandidate(tenant: row.next(), account: row.next(), passwordHash: row.next(), state: row.next())
    }.first
  }

  /// Asks for no tenant: the definer function answers for one digest.
  package static func find(digest: SecretDigest) -> Statement<SignedInAccount?> {
    Query(
      "session.find_by_digest",
      "SELECT tenant_id, account_id, id, role, is_touch_due FROM session_by_digest(\(digest))"
    ) { row in
      try SignedInAccount(
        tenant: row.next(), account: row.next(), session: row.next(), role: row.next(), isTouchDue: row.next())
    }.first
  }

  /// Signs an account in that is active and whose password is still the one that was shown; else nothing. Waits for who is
  /// changing that, whose change ends the sessions that it sees. Gives when the session ends.
  package static func insert(
    _ session: NewSession, id: ID<OpenSession>, of account: ID<Account>, knowing passwordHash: String,
    in tenant: ID<Tenant>
  ) -> Statement<Date?> {
    Query<Date>(
      "session.insert",
      """
      INSERT INTO sessions (tenant_id, id, token_digest, account_id, address, client, expires_at, idle_timeout)
      SELECT tenant_id, \(id), \(session.digest), id, \(session.address), \(session.client),
        now() + \(session.lifetime) * interval '1 second', \(session.idleTimeout) * interval '1 second'
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = \(account) AND state = 'active' AND password_hash = \(passwordHash)
      FOR SHARE
      RETURNING expires_at
      """
    ).first
  }

  /// Writes down that a session is used.
  package static func touch(digest: SecretDigest, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "session.touch",
      """
      UPDATE sessions
      SET last_used_at = now()
      WHERE tenant_id = \(tenant) AND token_digest = \(digest)
        AND last_used_at <= now() - least(interval '1 minute', idle_timeout / 4)
      """
    ).affected
  }

  /// At least the first `limit` sessions of an account that have not ended, newest first.
  package static func list(
    of account: ID<Account>, current digest: SecretDigest, after position: Position<OpenSession>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[OpenSession]> {
    var narrowing = Narrowing()
    narrowing.add("after", position.map { "AND (created_at, id) < (\($0.createdAt), \($0.id))" })
    let rows = narrowing.rows(limit)
    return Query(
      "session.list",
      """
      SELECT id, address, client, created_at, last_used_at, expires_at, token_digest = \(digest)
      FROM sessions
      WHERE tenant_id = \(tenant) AND account_id = \(account)
        AND expires_at > now() AND last_used_at + idle_timeout > now()
        \(narrowing.conditions)
      ORDER BY created_at DESC, id DESC
      LIMIT \(rows)
      """
    ) { row in
      try OpenSession(
        id: row.next(), address: row.next(), client: row.next(), createdAt: row.next(), lastUsedAt: row.next(),
        expiresAt: row.next(), isCurrent: row.next())
    }.variant(narrowing.names).all
  }

  package static func delete(digest: SecretDigest, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "session.delete",
      "DELETE FROM sessions WHERE tenant_id = \(tenant) AND token_digest = \(digest)"
    ).affected
  }

  /// Ends one of an account's sessions. Gives how many it was, 0 or 1.
  package static func delete(
    _ id: ID<OpenSession>, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "session.delete_by_id",
      """
      DELETE FROM sessions
      WHERE tenant_id = \(tenant) AND account_id = \(account) AND id = \(id)
        AND expires_at > now() AND last_used_at + idle_timeout > now()
      """
    ).affected
  }

  /// Ends all sessions of an account, but for the one of this digest.
  package static func delete(
    allOf account: ID<Account>, but digest: SecretDigest?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "session.delete_all",
      """
      DELETE FROM sessions
      WHERE tenant_id = \(tenant) AND account_id = \(account)
        AND (\(digest) IS NULL OR token_digest <> \(digest))
      """
    ).affected
  }
}
