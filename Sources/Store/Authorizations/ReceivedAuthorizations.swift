package import Model
package import Postgres

/// Statements about authorizations, on the caller's side: what other tenants gave to this one's keys.
package enum ReceivedAuthorizations {
  /// Up to `limit` authorizations of a key, newest first.
  package static func list(
    of key: ID<SubscriptionKey>, after position: Position<Authorization>?, limit: Int
  ) -> Statement<[ReceivedAuthorization]> {
    Query<Void>(
      "received_authorization.list",
      """
      WITH page AS (
        SELECT DISTINCT id, provider_name, provider_slug, expires_at, state, created_at
        FROM received_authorizations
        WHERE subscription_key_id = \(key)
          AND (created_at, id) < (coalesce(\(position?.createdAt), 'infinity'), coalesce(\(position?.id), ''))
        ORDER BY created_at DESC, id DESC
        LIMIT \(limit)
      )
      SELECT p.id, p.provider_name, p.provider_slug, p.expires_at, p.state, p.created_at,
        r.group_id, r.group_name, r.environment
      FROM page p
      JOIN received_authorizations r ON r.id = p.id AND r.subscription_key_id = \(key)
      ORDER BY p.created_at DESC, p.id DESC,
        r.group_id, array_position(ARRAY['test', 'preview', 'online'], r.environment::text)
      """
    ).fold(into: [], ReceivedAuthorization.append)
  }
}

extension ReceivedAuthorization {
  /// Reads one target of an authorization, with the authorization's columns before the target's. The rows of one
  /// authorization follow each other.
  @Sendable
  fileprivate static func append(to authorizations: inout [ReceivedAuthorization], row: inout Row) throws {
    let authorization = try ReceivedAuthorization(row: &row)
    if authorizations.last?.id != authorization.id { authorizations.append(authorization) }
    authorizations[authorizations.count - 1].targets.append(try Authorization.Target(row: &row))
  }

  /// Reads `id`, the provider's `name` and `slug`, `expires_at, state, created_at`.
  private init(row: inout Row) throws {
    self.init(
      id: try row.next(), provider: FoundSubscription.Owner(name: try row.next(), slug: try row.next()), targets: [],
      expiresAt: try row.next(), state: try row.next(), createdAt: try row.next())
  }
}
