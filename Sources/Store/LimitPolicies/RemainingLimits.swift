import FoundationEssentials
package import Model
package import Postgres

/// Statements about what is left of limits where they count, on the provider's side.
package enum RemainingLimits {
  /// The targets of an authorization that anything limits, in the order of the authorization's.
  package static func list(of authorization: ID<Authorization>, in tenant: ID<Tenant>) -> Statement<[LimitedTarget]> {
    Query<Void>(
      "remaining_limit.list_of_authorization",
      """
      SELECT x.group_id, g.name, x.environment,
        (
          SELECT d.id FROM deployments d
          WHERE d.tenant_id = x.tenant_id AND d.group_id = x.group_id AND d.environment = x.environment
            AND d.ended_at IS NULL
          LIMIT 1) IS NOT NULL,
        s.scope, l.requests, l.period, l.mode, l.remaining, l.resets_at
      FROM authorization_targets x
      JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
      CROSS JOIN LATERAL (VALUES ('key', x.subscription_key_id), ('shared', '')) AS s (scope, key_id)
      CROSS JOIN LATERAL limits_left(x.tenant_id, x.group_id, x.environment, s.key_id) l
      WHERE x.tenant_id = \(tenant) AND x.authorization_id = \(authorization)
      ORDER BY x.group_id, array_position(ARRAY['test', 'preview', 'online'], x.environment::text), s.scope,
        \(byPeriod)
      """
    ).fold(into: [], LimitedTarget.append)
  }

  /// A group in an environment with what all callers there share; nil where there is no such group.
  package static func find(
    of group: ID<APIGroup>, _ environment: DeploymentEnvironment, in tenant: ID<Tenant>
  ) -> Statement<LimitedTarget?> {
    Query<Void>(
      "remaining_limit.find_of_group",
      """
      SELECT g.id, g.name, e.environment,
        (
          SELECT d.id FROM deployments d
          WHERE d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.environment = e.environment
            AND d.ended_at IS NULL
          LIMIT 1) IS NOT NULL,
        'shared', l.requests, l.period, l.mode, l.remaining, l.resets_at
      FROM api_groups g
      CROSS JOIN (SELECT \(environment)::text AS environment) e
      LEFT JOIN LATERAL limits_left(g.tenant_id, g.id, e.environment, '') l ON true
      WHERE g.tenant_id = \(tenant) AND g.id = \(group)
      ORDER BY \(byPeriod)
      """
    ).fold(into: nil as LimitedTarget?) { found, row in
      var targets = found.map { [$0] } ?? []
      try LimitedTarget.append(to: &targets, row: &row)
      found = targets.first
    }
  }

  static let byPeriod: SQL = "array_position(ARRAY['second', 'minute', 'hour', 'day', 'month'], l.period)"
}

extension LimitedTarget {
  /// Reads one limit of a target, or none, with the target before it. The rows of one target follow each other.
  @Sendable
  fileprivate static func append(to targets: inout [LimitedTarget], row: inout Row) throws {
    let target = try LimitedTarget(row: &row)
    if targets.last?.group != target.group || targets.last?.environment != target.environment {
      targets.append(target)
    }
    if let limit = try row.nextRemainingLimit() { targets[targets.count - 1].limits.append(limit) }
  }

  /// Reads a group's `id` and `name`, `environment`, and whether something is live.
  init(row: inout Row) throws {
    self.init(
      group: try row.next(), groupName: try row.next(), environment: try row.next(), isLive: try row.next())
  }
}

extension Row {
  /// Reads `scope, requests, period, mode, remaining, resets_at`; nil where all behind the scope are null.
  mutating func nextRemainingLimit() throws -> RemainingLimit? {
    let scope = try next(RemainingLimit.Scope.self)
    let (requests, period) = (try next(Int?.self), try next(LimitPeriod?.self))
    let (mode, remaining, resetsAt) = (
      try next(LimitPolicy.Mode?.self), try next(Int?.self), try next(Date?.self)
    )
    guard let requests, let period, let mode, let remaining, let resetsAt else { return nil }
    return RemainingLimit(
      scope: scope, requests: requests, period: period, mode: mode, remaining: remaining, resetsAt: resetsAt)
  }
}

extension RemainingLimit.Scope: PostgresEncodable, PostgresDecodable {}
extension LimitPeriod: PostgresEncodable, PostgresDecodable {}
