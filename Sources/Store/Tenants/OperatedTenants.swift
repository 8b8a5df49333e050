package import FoundationEssentials
package import Model
package import Postgres

/// A tenant as who holds the owner's login sees it.
package struct OperatedTenant: Sendable {
  package let id: ID<Tenant>
  package let slug, name: String
  /// `active`, `suspended`, or `deleted` for one that was purged.
  package let state: String
  /// Since when it waits to be purged.
  package let deletionRequestedAt: Date?
}

/// Statements about any tenant, for the owner's login.
package enum OperatedTenants {
  /// All, by slug.
  package static let list: Statement<[OperatedTenant]> = Query(
    "operated_tenant.list", "SELECT id, slug, name, state, deletion_requested_at FROM tenants ORDER BY slug"
  ) { row in try OperatedTenant(row: &row) }.all

  package static func find(_ slug: Slug) -> Statement<OperatedTenant?> {
    Query(
      "operated_tenant.find",
      "SELECT id, slug, name, state, deletion_requested_at FROM tenants WHERE slug = \(slug)"
    ) { row in try OperatedTenant(row: &row) }.first
  }

  /// What is done to a tenant's state.
  package enum Change: Sendable {
    /// Of an active one.
    case suspend
    /// Of a suspended one, also one that was to be deleted.
    case restore
    /// Suspends it, and has it purged in 30 days.
    case requestDeletion
  }

  /// Gives how many tenants it was, 0 or 1.
  package static func make(_ change: Change, of id: ID<Tenant>) -> Statement<Int> {
    switch change {
    case .suspend: suspend(id)
    case .restore: restore(id)
    case .requestDeletion: requestDeletion(id)
    }
  }

  private static func suspend(_ id: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_tenant.suspend",
      "UPDATE tenants SET state = 'suspended', updated_at = now() WHERE id = \(id) AND state = 'active'"
    ).affected
  }

  private static func restore(_ id: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_tenant.restore",
      """
      UPDATE tenants SET state = 'active', deletion_requested_at = NULL, updated_at = now()
      WHERE id = \(id) AND state = 'suspended'
      """
    ).affected
  }

  private static func requestDeletion(_ id: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_tenant.request_deletion",
      """
      UPDATE tenants
      SET state = 'suspended', deletion_requested_at = coalesce(deletion_requested_at, now()), updated_at = now()
      WHERE id = \(id) AND state <> 'deleted'
      """
    ).affected
  }

  /// Removes a part of a tenant, of which but its slug nothing is left in the end. Gives whether there may be more to
  /// remove.
  package static func purge(_ id: ID<Tenant>) -> Statement<Bool> {
    Query<Bool>("operated_tenant.purge", "SELECT purge_tenant(\(id))").only
  }

  /// Gives `take` each row of a tenant: of which table, and as JSON.
  package static func export(
    _ id: ID<Tenant>, _ take: @escaping @Sendable (String, String) -> Void
  ) -> Statement<Void> {
    Query<Void>("operated_tenant.export", "SELECT relation, content FROM export_tenant(\(id))")
      .fold(into: ()) { _, row in take(try row.next(), try row.next()) }
  }
}

extension OperatedTenant {
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), slug: try row.next(), name: try row.next(), state: try row.next(),
      deletionRequestedAt: try row.next())
  }
}
