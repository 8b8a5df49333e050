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
  package let role: Role
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
      "SELECT tenant_id, account_id, role FROM session_by_digest(\(digest))"
    ) { row in try SignedInAccount(tenant: row.next(), account: row.next(), role: row.next()) }.first
  }

  /// Signs an account in that is active; else nothing. Gives when the session ends.
  package static func insert(
    digest: SecretDigest, of account: ID<Account>, in tenant: ID<Tenant>, lasting lifetime: TimeInterval
  ) -> Statement<Date?> {
    Query<Date>(
      "session.insert",
      """
      INSERT INTO sessions (tenant_id, token_digest, account_id, expires_at)
      SELECT tenant_id, \(digest), id, now() + \(lifetime) * interval '1 second'
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = \(account) AND state = 'active'
      RETURNING expires_at
      """
    ).first
  }

  package static func delete(digest: SecretDigest, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "session.delete",
      "DELETE FROM sessions WHERE tenant_id = \(tenant) AND token_digest = \(digest)"
    ).affected
  }
}
