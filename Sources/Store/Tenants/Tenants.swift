package import Model
package import Postgres

/// Statements about tenants.
package enum Tenants {
  package static func insert(
    id: ID<Tenant>, slug: Slug, name: DisplayName
  ) -> Statement<Tenant> {
    Query(
      "tenant.insert",
      """
      INSERT INTO tenants (id, slug, name)
      VALUES (\(id), \(slug), \(name))
      RETURNING id, slug, name, state, created_at, updated_at
      """
    ) { row in try Tenant(row: &row) }.only
  }

  package static func find(_ id: ID<Tenant>) -> Statement<Tenant?> {
    Query(
      "tenant.find",
      """
      SELECT id, slug, name, state, created_at, updated_at
      FROM tenants
      WHERE id = \(id)
      """
    ) { row in try Tenant(row: &row) }.first
  }

  /// Changes a tenant that is of an expected version; else nothing.
  package static func update(
    _ id: ID<Tenant>, to changes: Tenant.Changes, expecting version: ExpectedVersion
  ) -> Statement<Tenant?> {
    Query(
      "tenant.update",
      """
      UPDATE tenants
      SET name = coalesce(\(changes.name), name), updated_at = now()
      WHERE id = \(id) AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
      RETURNING id, slug, name, state, created_at, updated_at
      """
    ) { row in try Tenant(row: &row) }.first
  }
}

extension Tenant {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), slug: try row.next(), name: try row.next(), state: try row.next(),
      createdAt: try row.next(), updatedAt: try row.next())
  }
}
