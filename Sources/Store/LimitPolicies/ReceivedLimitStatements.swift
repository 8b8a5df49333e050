package import Model
package import Postgres

/// Statements about what is left of limits where they count, on the caller's side.
package enum ReceivedLimitStatements {
  /// At least the first `limit` targets of a key that anything limits, without their limits: those of its newest
  /// authorization first.
  package static func targets(
    of key: ID<SubscriptionKey>, after place: ReceivedLimits.Place?, limit: Int
  ) -> Statement<[ListedLimits]> {
    let rows: SQL = limit > 51 ? "201" : "51"
    var (narrowing, later) = (Narrowing(), "" as SQL)
    if let place {
      let (createdAt, id) = (place.authorization.createdAt, place.authorization.id)
      narrowing.add("after", "AND (g.created_at, g.id) <= (\(createdAt), \(id))")
      later = """
        WHERE (p.created_at, p.id, r.group_id, r.environment)
          < (\(createdAt), \(id), \(place.group), \(place.environment))
        """
    }
    if limit > 51 { narrowing.add("long", "") }
    return Query(
      "received_limit.list_targets",
      """
      WITH page AS (
        SELECT g.id, g.provider_name, g.provider_slug, g.created_at, g.limit_mode
        FROM received_grants g
        WHERE g.subscription_key_id = \(key) AND g.state = 'active' \(narrowing.conditions)
          AND (g.limit_mode IS NOT NULL OR EXISTS (
            SELECT FROM received_authorizations o
            WHERE o.subscription_key_id = \(key) AND o.created_at = g.created_at AND o.id = g.id
              AND o.limit_mode IS NOT NULL))
        ORDER BY g.created_at DESC, g.id DESC
        -- Of the first the list may have had all targets.
        LIMIT \(rows) + 1
      )
      SELECT p.id, p.provider_name, p.provider_slug, r.group_id, r.group_name, r.environment, r.is_live, p.created_at
      FROM page p
      CROSS JOIN LATERAL (
        SELECT o.group_id, o.group_name, o.environment, o.is_live
        FROM received_authorizations o
        WHERE o.subscription_key_id = \(key) AND o.created_at = p.created_at AND o.id = p.id
          AND (p.limit_mode IS NOT NULL OR o.limit_mode IS NOT NULL)
        OFFSET 0) r
      \(later)
      ORDER BY p.created_at DESC, p.id DESC, r.group_id DESC, r.environment DESC
      LIMIT \(rows)
      """
    ) { row in try ListedLimits(row: &row) }.variant(narrowing.names).all
  }

  /// How the limits of a key stand at some of its targets.
  package static func list(
    of key: ID<SubscriptionKey>, at targets: [ReceivedLimits.Key]
  ) -> Statement<[ReceivedLimits.Key: [RemainingLimit]]> {
    Query<Void>(
      "received_limit.list",
      """
      SELECT l.authorization_id, l.group_id, l.environment, CASE WHEN l.is_shared THEN 'shared' ELSE 'key' END,
        l.requests, l.period, l.mode, l.remaining, l.resets_at
      FROM unnest(\(targets.map(\.authorization.description))::text[],
        \(targets.map(\.group.description))::text[], \(targets.map(\.environment.rawValue))::text[])
        AS w (authorization_id, group_id, environment)
      -- Each by itself: of all that the key has, most would be asked for in vain.
      CROSS JOIN LATERAL (
        SELECT o.authorization_id, o.group_id, o.environment, o.is_shared, o.requests, o.period, o.mode, o.remaining,
          o.resets_at
        FROM received_limits o
        WHERE o.subscription_key_id = \(key) AND o.authorization_id = w.authorization_id
          AND o.group_id = w.group_id AND o.environment = w.environment
        OFFSET 0) l
      ORDER BY l.is_shared, \(RemainingLimits.byPeriod)
      """
    ).fold(into: [:]) { limits, row in
      let key = ReceivedLimits.Key(
        authorization: try row.next(), group: try row.next(), environment: try row.next())
      if let limit = try row.nextRemainingLimit() { limits[key, default: []].append(limit) }
    }
  }
}

/// A target as a list reads it, with the place from which the list goes on.
package struct ListedLimits: Sendable {
  package var limits: ReceivedLimits
  package let place: ReceivedLimits.Place
}

extension ListedLimits {
  /// Reads an authorization's `id`, the provider's `name` and `slug`, the target, and the authorization's `created_at`.
  fileprivate init(row: inout Row) throws {
    let (authorization, provider) = (
      try row.next(ID<Authorization>.self), FoundSubscription.Owner(name: try row.next(), slug: try row.next())
    )
    let target = try LimitedTarget(row: &row)
    self.init(
      limits: ReceivedLimits(authorization: authorization, provider: provider, target: target),
      place: ReceivedLimits.Place(
        authorization: Position(createdAt: try row.next(), id: authorization), group: target.group,
        environment: target.environment))
  }
}
