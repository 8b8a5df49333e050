import FoundationEssentials
package import Model
package import Postgres

/// Statements about the hosts that tenants own.
///
/// Whoever binds a domain locks its group first.
package enum Domains {
  /// Claims a host; nothing when the group is not this tenant's.
  package static func insert(
    _ draft: Domain.Draft, id: ID<Domain>, token: ID<Domain.Verification>, in tenant: ID<Tenant>
  ) -> Statement<Domain?> {
    Query(
      "domain.insert",
      """
      WITH bound AS (
        SELECT tenant_id, id, name FROM api_groups
        WHERE tenant_id = \(tenant) AND id = \(draft.group.id)
        FOR KEY SHARE
      ), inserted AS (
        INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token)
        SELECT g.tenant_id, \(id), \(draft.host), g.id, \(draft.environment), \(token) FROM bound g
        RETURNING id, host, group_id, environment, state, verification_token, verified_at, created_at, updated_at
      )
      SELECT d.id, d.host, d.group_id, g.name, d.environment, d.state, d.verification_token, d.verified_at,
        d.created_at, d.updated_at
      FROM inserted d
      CROSS JOIN bound g
      """
    ) { row in try Domain(row: &row) }.first
  }

  package static func find(_ id: ID<Domain>, in tenant: ID<Tenant>) -> Statement<Domain?> {
    Query(
      "domain.find",
      """
      SELECT d.id, d.host, d.group_id, g.name, d.environment, d.state, d.verification_token, d.verified_at,
        d.created_at, d.updated_at
      FROM domains d
      JOIN api_groups g ON g.tenant_id = d.tenant_id AND g.id = d.group_id
      WHERE d.tenant_id = \(tenant) AND d.id = \(id)
      """
    ) { row in try Domain(row: &row) }.first
  }

  /// At least the first `limit` domains; by name is by host.
  package static func list(
    _ filter: Domain.Filter, _ order: ListOrder = .newest, after position: Position<Domain>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[Domain]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order, exactly: "host")
    rowOrder.narrow(&narrowing, after: position)
    let rows = narrowing.rows(limit)
    return Query(
      "domain.list",
      """
      WITH page AS (
        SELECT tenant_id, id, host, group_id, environment, state, verification_token, verified_at, created_at, updated_at
        FROM domains
        WHERE tenant_id = \(tenant)
          \(narrowing.conditions)
          AND (\(filter.host)::text IS NULL OR host = \(filter.host))
          AND (\(filter.group)::text IS NULL OR group_id = \(filter.group))
          AND (\(filter.environment)::text IS NULL OR environment = \(filter.environment))
          AND (\(filter.state)::text IS NULL OR state = \(filter.state))
        ORDER BY \(rowOrder.clause())
        LIMIT \(rows)
      )
      SELECT d.id, d.host, d.group_id, g.name, d.environment, d.state, d.verification_token, d.verified_at,
        d.created_at, d.updated_at
      FROM page d
      JOIN api_groups g ON g.tenant_id = d.tenant_id AND g.id = d.group_id
      ORDER BY \(rowOrder.clause("d."))
      """
    ) { row in try Domain(row: &row) }.variant(narrowing.names).all
  }

  /// Binds a domain that is of an expected version to another group, which must be this tenant's, or environment. Gives
  /// how many it was, 0 or 1.
  package static func update(
    _ id: ID<Domain>, to changes: Domain.Changes, expecting version: ExpectedVersion, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "domain.update",
      """
      UPDATE domains d
      SET group_id = g.id, environment = coalesce(\(changes.environment), d.environment),
        updated_at = clock_timestamp()
      FROM api_groups g
      WHERE d.tenant_id = \(tenant) AND d.id = \(id)
        AND g.tenant_id = d.tenant_id AND g.id = coalesce(\(changes.group?.text), d.group_id)
        AND (\(version.dates) IS NULL OR d.updated_at = ANY (\(version.dates)))
      """
    ).affected
  }

  /// Takes a pending claim for proven.
  ///
  /// - Throws: `StoreError.conflict(.verifiedHost)` where the host is verified for another.
  package static func verify(_ id: ID<Domain>) -> Statement<Void> {
    Query<Void>("domain.verify", "SELECT verify_domain(\(id))").fold(into: ()) { _, _ in }
  }

  /// Gives how many it was, 0 or 1.
  package static func delete(_ id: ID<Domain>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>("domain.delete", "DELETE FROM domains WHERE tenant_id = \(tenant) AND id = \(id)").affected
  }
}

extension Domain {
  /// Reads `id, host, group_id, its name, environment, state, verification_token, verified_at, created_at, updated_at`.
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), host: try row.next(), group: try row.next(), groupName: try row.next(),
      environment: try row.next(), state: try row.next(), verificationToken: try row.next(),
      verifiedAt: try row.next(), createdAt: try row.next(), updatedAt: try row.next())
  }
}

extension HostName: PostgresEncodable, PostgresDecodable {}
extension Domain.State: PostgresEncodable, PostgresDecodable {}
