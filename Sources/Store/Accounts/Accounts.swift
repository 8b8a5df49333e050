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

  /// Makes an account that is invited.
  package static func insert(
    _ draft: Account.Draft, id: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Account> {
    Query(
      "account.insert",
      """
      INSERT INTO accounts (tenant_id, id, email, name, role, state)
      VALUES (\(tenant), \(id), \(draft.email), \(draft.name), \(draft.role), \(Account.State.invited))
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

  /// What people call those of these accounts that there are.
  package static func names(
    of ids: Set<ID<Account>>, in tenant: ID<Tenant>
  ) -> Statement<[(ID<Account>, DisplayName)]> {
    Query(
      "account.names",
      """
      SELECT id, name
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = ANY (\(ids.map(\.description)))
      """
    ) { row in (try row.next(), try row.next()) }.all
  }

  /// At least the first `limit` accounts. By a text, it looks at each of the tenant's until the page is full.
  package static func list(
    _ filter: Account.Filter, _ order: ListOrder = .newest, after position: Position<Account>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[Account]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add("text", filter.text.map { $0.isFound(in: "name, email, id") })
    let rows = narrowing.rows(limit)
    return Query(
      "account.list",
      """
      SELECT id, email, name, role, state, created_at, updated_at
      FROM accounts
      WHERE tenant_id = \(tenant)
        \(narrowing.conditions)
      ORDER BY \(rowOrder.clause())
      LIMIT \(rows)
      """
    ) { row in try Account(row: &row) }.variant(narrowing.names).all
  }

  /// The active owners, whom nobody else changes until the transaction ends. In the order of ids, so that no two
  /// transactions wait for each other.
  package static func lockOwners(in tenant: ID<Tenant>) -> Statement<[ID<Account>]> {
    Query<ID<Account>>(
      "account.lock_owners",
      """
      SELECT id
      FROM accounts
      WHERE tenant_id = \(tenant) AND role = 'owner' AND state = 'active'
      ORDER BY id
      FOR NO KEY UPDATE
      """
    ).all
  }

  /// Changes an account that is of an expected version; else nothing. One that has no password is made active by being
  /// invited.
  package static func update(
    _ id: ID<Account>, to changes: Account.Changes, expecting version: ExpectedVersion, in tenant: ID<Tenant>
  ) -> Statement<Account?> {
    Query(
      "account.update",
      """
      UPDATE accounts
      SET name = coalesce(\(changes.name), name), role = coalesce(\(changes.role), role),
        state = CASE WHEN \(changes.state) = 'active' AND password_hash IS NULL THEN 'invited'
          ELSE coalesce(\(changes.state), state) END,
        updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id)
        AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
      RETURNING id, email, name, role, state, created_at, updated_at
      """
    ) { row in try Account(row: &row) }.first
  }

  /// Deletes an account with all that signs in as it. Gives how many it was, 0 or 1.
  package static func delete(_ id: ID<Account>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "account.delete",
      "DELETE FROM accounts WHERE tenant_id = \(tenant) AND id = \(id)"
    ).affected
  }
}

extension Account {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), email: try row.next(), name: try row.next(), role: try row.next(), state: try row.next(),
      createdAt: try row.next(), updatedAt: try row.next())
  }
}
