package import Model
package import Postgres

/// A target as a list reads it, with the place from which the list goes on.
package struct ListedTarget: Sendable {
  package let target: AuthorizableTarget
  package let place: AuthorizableTarget.Place
}

/// Statements about what keys can be authorized for.
package enum AuthorizableTargets {
  /// Up to `limit` targets, newest group first, each group's environments in their order.
  package static func list(
    _ filter: AuthorizableTarget.Filter, after place: AuthorizableTarget.Place?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[ListedTarget]> {
    Query(
      "authorizable_target.list",
      """
      SELECT g.id, g.name, e.environment, r.version, m.access_mode, g.created_at
      FROM api_groups g
      CROSS JOIN (VALUES ('test', 0), ('preview', 1), ('online', 2)) AS e (environment, number)
      CROSS JOIN LATERAL access_mode_in(
        e.environment, g.access_mode, g.access_mode_test, g.access_mode_preview, g.access_mode_online) AS m (access_mode)
      LEFT JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.environment = e.environment
        AND d.ended_at IS NULL
      LEFT JOIN revisions r ON r.tenant_id = d.tenant_id AND r.id = d.revision_id
      WHERE g.tenant_id = \(tenant) AND (\(filter.all) OR d.id IS NOT NULL AND m.access_mode <> 'open')
        AND (g.created_at, g.id, -e.number) < (
          coalesce(\(place?.group.createdAt), 'infinity'), coalesce(\(place?.group.id), ''), \(place?.negatedNumber ?? 0))
      ORDER BY g.created_at DESC, g.id DESC, e.number
      LIMIT \(limit)
      """
    ) { row in try ListedTarget(row: &row) }.all
  }
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
