package import Model
package import Postgres

/// A target as a list reads it, with the place from which the list goes on.
package struct ListedTarget: Sendable {
  package let target: AuthorizableTarget
  package let place: AuthorizableTarget.Place
}

/// Statements about what keys can be authorized for.
package enum AuthorizableTargets {
  /// At least the first `limit` targets, newest group first, each group's environments in their order.
  package static func list(
    _ filter: AuthorizableTarget.Filter, after place: AuthorizableTarget.Place?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[ListedTarget]> {
    var narrowing = Narrowing()
    narrowing.add(
      "after",
      place.map {
        """
        AND (g.created_at, g.id) <= (\($0.group.createdAt), \($0.group.id))
        AND (g.created_at, g.id, -e.number) < (\($0.group.createdAt), \($0.group.id), \($0.negatedNumber))
        """
      })
    switch filter.groups {
    case .any: break
    case .usable: narrowing.add("usable", "AND \(usable) IS NOT NULL")
    case .others: narrowing.add("others", "AND \(usable) IS NULL")
    }
    narrowing.add("text", filter.text.map { $0.isFound(in: "g.name, g.description, g.prefix, g.id") })
    narrowing.add("authorizable", filter.all ? nil : "AND e.access_mode <> 'open' AND d.revision_id IS NOT NULL")
    let rows = narrowing.rows(limit)
    return Query(
      "authorizable_target.list",
      """
      WITH page AS (
        SELECT g.tenant_id, g.id, g.name, g.created_at, e.environment, e.number, e.access_mode, d.revision_id
        FROM api_groups g
        CROSS JOIN LATERAL (VALUES
          ('test', 0, coalesce(g.access_mode_test, g.access_mode)),
          ('preview', 1, coalesce(g.access_mode_preview, g.access_mode)),
          ('online', 2, coalesce(g.access_mode_online, g.access_mode))) AS e (environment, number, access_mode)
        -- One at most: the limit keeps it a look-up for each.
        LEFT JOIN LATERAL (
          SELECT l.revision_id
          FROM deployments l
          WHERE l.tenant_id = g.tenant_id AND l.group_id = g.id AND l.environment = e.environment
            AND l.ended_at IS NULL
          LIMIT 1) d ON true
        WHERE g.tenant_id = \(tenant) \(narrowing.conditions)
        ORDER BY g.created_at DESC, g.id DESC, e.number
        LIMIT \(rows)
      )
      SELECT g.id, g.name, g.environment,
        (SELECT r.version FROM revisions r WHERE r.tenant_id = g.tenant_id AND r.id = g.revision_id),
        g.access_mode, g.created_at
      FROM page g
      ORDER BY g.created_at DESC, g.id DESC, g.number
      """
    ) { row in try ListedTarget(row: &row) }.variant(narrowing.names).all
  }

  /// What is live of a group where keys can be authorized: one at most, as the limit tells the planner.
  private static let usable: SQL = """
    (
      SELECT u.id FROM deployments u
      WHERE u.tenant_id = g.tenant_id AND u.group_id = g.id AND u.ended_at IS NULL
        AND access_mode_in(u.environment, g.access_mode, g.access_mode_test, g.access_mode_preview,
          g.access_mode_online) <> 'open'
      LIMIT 1)
    """
}

extension AuthorizableTarget.Place {
  fileprivate var negatedNumber: Int { -(DeploymentEnvironment.allCases.firstIndex(of: environment) ?? 0) }
}

extension ListedTarget {
  /// Reads a group's `id` and `name`, `environment, version, access_mode`, and the group's `created_at`.
  fileprivate init(row: inout Row) throws {
    let (group, name, environment) = (
      try row.next(ID<APIGroup>.self), try row.next(DisplayName.self), try row.next(DeploymentEnvironment.self)
    )
    let (version, accessMode) = (try row.next(RevisionVersion?.self), try row.next(AccessMode.self))
    let obstacle: AuthorizableTarget.Obstacle? =
      version == nil ? .offline : accessMode.isAuthorizable ? nil : .open
    self.init(
      target: AuthorizableTarget(
        group: group, groupName: name, environment: environment, version: version, obstacle: obstacle),
      place: AuthorizableTarget.Place(
        group: Position(createdAt: try row.next(), id: group), environment: environment))
  }
}
