package import Model
package import Postgres

/// What it takes to ask a signed-in account for its password again.
package struct KnownPassword: Sendable {
  package let tenant: Slug
  package let email: EmailAddress
  package let hash: String
}

/// Statements about the passwords of accounts.
package enum AccountPasswords {
  /// Nothing for an account that has none.
  package static func find(of account: ID<Account>, in tenant: ID<Tenant>) -> Statement<KnownPassword?> {
    Query(
      "account_password.find",
      """
      SELECT t.slug, a.email, a.password_hash
      FROM accounts a
      JOIN tenants t ON t.id = a.tenant_id
      WHERE a.tenant_id = \(tenant) AND a.id = \(account) AND a.password_hash IS NOT NULL
      """
    ) { row in try KnownPassword(tenant: row.next(), email: row.next(), hash: row.next()) }.first
  }

  /// Gives an account another password, if it still has this one. Gives how many it was, 0 or 1.
  package static func update(
    of account: ID<Account>, from old: String, to new: String, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "account_password.update",
      """
      UPDATE accounts
      SET password_hash = \(new), updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(account) AND password_hash = \(old)
      """
    ).affected
  }
}
