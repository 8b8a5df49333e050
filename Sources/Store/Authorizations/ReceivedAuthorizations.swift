package import Model
package import Postgres

/// Statements about authorizations, on the caller's side: what other tenants gave to this one's keys.
package enum ReceivedAuthorizations {
  /// At least the first `limit` authorizations of a key, newest first.
  package static func list(
    of key: ID<SubscriptionKey>, after position: Position<Authorization>?, limit: Int
  ) -> Statement<[ReceivedAuthorization]> {
    var narrowing = Narrowing()
    narrowing.add("after", position.map { "AND (created_at, id) < (\($0.createdAt), \($0.id))" })
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "received_authorization.list",
      """
      WITH page AS (
        SELECT id, provider_name, provider_slug, expires_at, state, created_at, limit_mode, per_second, per_minute,
          per_hour, per_day, per_month
        FROM received_grants
        WHERE subscription_key_id = \(key) \(narrowing.conditions)
        ORDER BY created_at DESC, id DESC
        LIMIT \(rows)
      )
      SELECT p.id, p.provider_name, p.provider_slug, p.expires_at, p.limit_mode, p.per_second, p.per_minute, p.per_hour,
        p.per_day, p.per_month, p.state, p.created_at, r.group_id, r.group_name, r.environment, r.group_prefix, r.is_live,
        r.limit_mode, r.per_second, r.per_minute, r.per_hour, r.per_day, r.per_month
      FROM page p
      CROSS JOIN LATERAL (
        SELECT o.group_id, o.group_name, o.environment, o.group_prefix, o.is_live, o.limit_mode, o.per_second,
          o.per_minute, o.per_hour, o.per_day, o.per_month
        FROM received_authorizations o
        WHERE o.subscription_key_id = \(key) AND o.created_at = p.created_at AND o.id = p.id
        OFFSET 0) r
      ORDER BY p.created_at DESC, p.id DESC,
        r.group_id, array_position(ARRAY['test', 'preview', 'online'], r.environment::text)
      """
    ).variant(narrowing.names).fold(into: [], ReceivedAuthorization.append)
  }
}

extension ReceivedAuthorization {
  /// Reads one target of an authorization, with the authorization's columns before the target's. The rows of one
  /// authorization follow each other.
  @Sendable
  fileprivate static func append(to authorizations: inout [ReceivedAuthorization], row: inout Row) throws {
    let authorization = try ReceivedAuthorization(row: &row)
    if authorizations.last?.id != authorization.id { authorizations.append(authorization) }
    authorizations[authorizations.count - 1].targets.append(try Target(of: authorization.provider, row: &row))
  }

  /// Reads `id`, the provider's `name` and `slug`, `expires_at`, the limits, `state, created_at`.
  private init(row: inout Row) throws {
    self.init(
      id: try row.next(), provider: FoundSubscription.Owner(name: try row.next(), slug: try row.next()), targets: [],
      expiresAt: try row.next(), limits: try row.nextLimits(), state: try row.next(), createdAt: try row.next())
  }
}

extension ReceivedAuthorization.Target {
  /// Reads a group's `id` and `name`, `environment`, the group's `prefix`, whether something is live, and the limits.
  fileprivate init(of provider: FoundSubscription.Owner, row: inout Row) throws {
    let (group, name, environment) = (
      try row.next(ID<APIGroup>.self), try row.next(DisplayName.self), try row.next(DeploymentEnvironment.self)
    )
    let prefix = try row.next(Slug.self)
    self.init(
      group: group, groupName: name, environment: environment,
      path: "/\(provider.slug)/\(environment.rawValue)/\(prefix)", isLive: try row.next(),
      limits: try row.nextLimits())
  }
}
