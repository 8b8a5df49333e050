package import Model
package import Postgres

/// Statements about accounts.
package enum Accounts {
  package static func insertOwner(
    _ owner: Tenant.Owner, passwordHash: String, id: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Account> {
    Query(
      "account.insert_owner",
      """
      INSERT INTO accounts (tenant_id, id, email, name, role, password_hash)
      VALUES (\(tenant), \(id), \(owner.email), \(owner.name), \(Role.owner), \(passwordHash))
      RETURNING id, email, name, role, state, created_at, updated_at
      """
    ) { row in try Account(row: &row) }.only
  }

  package static func find(_ id: ID<Account>, in tenant: ID<Tenant>) -> Statement<Account?> {
    Query(
      "account.find",
      """
      SELECT id, email, name, role, state, created_at, updated_at
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = \(id)
      """
    ) { row in try Account(row: &row) }.first
  }
}

extension Account {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), email: try row.next(), name: try row.next(), role: try row.next(), state: try row.next(),
      createdAt: try row.next(), updatedAt: try row.next())
  }
}
