package import Model
package import Postgres

/// Statements about targets that keys are authorized for, but where nothing is live.
package enum OfflineTargets {
  /// At least the first `limit`, newest group first, each group's environments in their order. It looks at each target of
  /// the tenant's groups until there are as many.
  package static func list(limit: Int, in tenant: ID<Tenant>) -> Statement<[OfflineTarget]> {
    var narrowing = Narrowing()
    let rows = narrowing.rows(limit)
    return Query(
      "offline_target.list",
      """
      SELECT g.id, g.name, e.environment
      FROM api_groups g
      CROSS JOIN LATERAL (VALUES ('test', 0), ('preview', 1), ('online', 2)) AS e (environment, number)
      WHERE g.tenant_id = \(tenant) AND g.first_released_at IS NOT NULL
        -- One at most of each: the limit keeps them look-ups.
        AND (
          SELECT d.id FROM deployments d
          WHERE d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.environment = e.environment
            AND d.ended_at IS NULL
          LIMIT 1) IS NULL
        AND (
          SELECT x.authorization_id FROM authorization_targets x
          WHERE x.tenant_id = g.tenant_id AND x.group_id = g.id AND x.environment = e.environment
          LIMIT 1) IS NOT NULL
      ORDER BY g.created_at DESC, g.id DESC, e.number
      LIMIT \(rows)
      """
    ) { row in
      OfflineTarget(group: try row.next(), groupName: try row.next(), environment: try row.next())
    }.variant(narrowing.names).all
  }
}
