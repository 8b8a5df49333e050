package import Model
package import Postgres

/// Statements about what changes would take away, for trying them.
package enum DryRuns {
  /// Who called what lately, of the calls that a change reaches, as the tenant's own usage has it.
  ///
  /// Days are summed, and hours of the first day, of which a part is too long ago; what came since it was summed last is
  /// added. Calls that were refused went through nothing.
  ///
  /// `nil` for a change that takes nothing from anybody.
  package static func find(
    _ reached: ReachedCalls, in span: DryRun.Span, of tenant: ID<Tenant>
  ) -> Statement<DryRun>? {
    guard let place = ReachedUsage(reached, of: tenant) else { return nil }
    return Query<Void>(
      "dry_run.find",
      """
      WITH reached AS MATERIALIZED (
        -- Both ends here: what may leak what it is given, as coalesce may, row-level security keeps from the index.
        SELECT coalesce(p.own_id, '') AS own_id, coalesce(p.other_id, '') AS other_id, coalesce(p.part_id, '') AS part_id,
          p.environment, coalesce(p.own_id, '~') AS own_end, coalesce(p.other_id, '~') AS other_end,
          coalesce(p.part_id, '~') AS part_end
        FROM (\(place.rows)) AS p (own_id, other_id, part_id, environment)
      ), counted AS (
        SELECT u.own_id, u.other_id, u.environment, u.requests, u.last_called_at
        FROM reached a
        CROSS JOIN generate_series(\(span.firstDay)::timestamptz, \(span.lastDay)::timestamptz, interval '24 hours') AS b (at)
        CROSS JOIN LATERAL (\(summed("usage_days", place, tenant))) u
        UNION ALL
        SELECT u.own_id, u.other_id, u.environment, u.requests, u.last_called_at
        FROM reached a
        CROSS JOIN generate_series(
          \(span.since)::timestamptz, \(span.firstDay)::timestamptz - interval '1 hour', interval '1 hour') AS b (at)
        CROSS JOIN LATERAL (\(summed("usage_hours", place, tenant))) u
        UNION ALL
        SELECT r.own_id, r.other_id, r.environment, r.requests, r.last_called_at
        FROM usage_recent r
        JOIN reached a ON \(isReached("r"))
        WHERE r.tenant_id = \(tenant) AND r.side = \(place.side) AND r.starts_at >= \(span.since)
      ), called AS (
        SELECT c.own_id, c.other_id, c.environment, sum(c.requests)::bigint AS requests,
          max(c.last_called_at) AS last_called_at
        FROM counted c
        \(place.spared)
        GROUP BY 1, 2, 3
      ), page AS (
        SELECT c.own_id, c.other_id, c.environment, c.requests, c.last_called_at,
          (sum(c.requests) OVER ())::bigint AS all_requests, max(c.last_called_at) OVER () AS all_last_called_at
        FROM called c
        ORDER BY c.requests DESC, c.own_id, c.other_id, c.environment
        LIMIT \(Int64(DryRun.maximumCallers + 1))
      )
      \(place.named)
      ORDER BY p.requests DESC, p.own_id, p.other_id, p.environment
      """
    ).variant([place.variant]).fold(into: DryRun.none(in: span)) { found, row in
      found = try found.adding(&row)
    }
  }

  /// What one hour or day has of the place `a`, as the index has it.
  private static func summed(_ relation: SQL, _ place: ReachedUsage, _ tenant: ID<Tenant>) -> SQL {
    """
    SELECT u.own_id, u.other_id, u.environment, u.requests, u.last_called_at
    FROM \(relation) u
    WHERE u.tenant_id = \(tenant) AND u.side = \(place.side) AND u.dimensions = \(place.dimensions)
      AND u.starts_at = b.at AND \(isReached("u"))
    OFFSET 0
    """
  }

  private static func isReached(_ row: SQL) -> SQL {
    """
    \(row).own_id BETWEEN a.own_id AND a.own_end AND \(row).other_id BETWEEN a.other_id AND a.other_end
      AND \(row).part_id BETWEEN a.part_id AND a.part_end
      AND (a.environment IS NULL OR \(row).environment = a.environment) AND \(row).outcome <> 'refused'
    """
  }
}

extension DryRun {
  /// With the next caller, or the knowledge that there is one.
  fileprivate func adding(_ row: inout Row) throws -> DryRun {
    let key = try row.next(ID<SubscriptionKey>?.self)
    let (name, tenantName, slug) = (
      try row.next(DisplayName?.self), try row.next(DisplayName?.self), try row.next(Slug?.self)
    )
    let tenant = tenantName.flatMap { name in slug.map { FoundSubscription.Owner(name: name, slug: $0) } }
    let caller = Caller(
      subscription: key, subscriptionName: name, tenant: tenant, group: try row.next(), groupName: try row.next(),
      environment: try row.next(), requests: try row.next(), lastCalledAt: try row.next())
    let isNext = callers.count == Self.maximumCallers
    return DryRun(
      span: span, requests: try row.next(), lastCalledAt: try row.next(),
      callers: isNext ? callers : callers + [caller], areMore: isNext)
  }
}

extension ReachedUsage {
  /// The callers `p` with what the tenant may know of them, and what all called together.
  ///
  /// A caller knows its own keys, and what groups providers authorized them for are called; a provider its own groups, and
  /// the keys that it authorized there.
  fileprivate var named: SQL {
    switch side {
    case .caller:
      """
      SELECT nullif(p.own_id, ''), k.name, t.name, t.slug, p.other_id, coalesce(g.name, r.group_name), p.environment,
        p.requests, p.last_called_at, p.all_requests, p.all_last_called_at
      FROM page p
      LEFT JOIN subscription_keys k ON k.tenant_id = \(tenant) AND k.id = p.own_id
      LEFT JOIN tenants t ON t.id = k.tenant_id
      LEFT JOIN api_groups g ON g.tenant_id = \(tenant) AND g.id = p.other_id
      LEFT JOIN LATERAL (
        SELECT o.group_name
        FROM received_authorizations o
        WHERE o.subscription_key_id = p.own_id AND o.group_id = p.other_id AND o.environment = p.environment
        LIMIT 1) r ON true
      """
    case .provider:
      """
      SELECT nullif(p.other_id, ''), coalesce(k.name, s.subscription_key_name), coalesce(t.name, s.subscriber_name),
        coalesce(t.slug, s.subscriber_slug), p.own_id, g.name, p.environment, p.requests, p.last_called_at, p.all_requests,
        p.all_last_called_at
      FROM page p
      LEFT JOIN subscription_keys k ON k.tenant_id = \(tenant) AND k.id = p.other_id
      LEFT JOIN tenants t ON t.id = k.tenant_id
      LEFT JOIN api_groups g ON g.tenant_id = \(tenant) AND g.id = p.own_id
      LEFT JOIN authorization_targets x ON x.tenant_id = \(tenant) AND x.group_id = p.own_id
        AND x.environment = p.environment AND x.subscription_key_id = p.other_id
      LEFT JOIN authorized_subscriptions s ON s.tenant_id = x.tenant_id AND s.authorization_id = x.authorization_id
      """
    }
  }
}
