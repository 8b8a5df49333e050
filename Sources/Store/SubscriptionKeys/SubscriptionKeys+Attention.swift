package import FoundationEssentials
package import Model
package import Postgres

/// Statements about keys that somebody should look after.
extension SubscriptionKeys {
  /// At least the first `limit` active keys that expire by then, the soonest first; texts as in
  /// ``list(_:after:limit:in:)``. A position is of the time at which a key expires.
  package static func listExpiring(
    by end: Date, _ text: SearchText?, after position: Position<SubscriptionKey>?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey]> {
    var narrowing = Narrowing()
    narrowing.add("after", position.map { "AND (expires_at, id) > (\($0.createdAt), \($0.id))" })
    narrowing.add("text", text.map(contains))
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "subscription_key.list_expiring",
      """
      WITH page AS (
        SELECT id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
          compromised_at IS NOT NULL AS is_compromised
        FROM subscription_keys
        WHERE tenant_id = \(tenant) AND deleted_at IS NULL AND state = 'active' AND expires_at IS NOT NULL
          AND expires_at > now() AND expires_at <= \(end) \(narrowing.conditions)
        ORDER BY expires_at, id
        LIMIT \(rows)
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.is_compromised, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM page k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY k.expires_at, k.id, s.created_at, s.id
      """
    ).variant(narrowing.names).fold(into: [], SubscriptionKey.append)
  }

  /// At least the first `limit` keys that have two secrets, those first that were given the second one last.
  package static func listRotated(limit: Int, in tenant: ID<Tenant>) -> Statement<[SubscriptionKey]> {
    var narrowing = Narrowing()
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "subscription_key.list_rotated",
      """
      WITH page AS (
        SELECT id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
          compromised_at IS NOT NULL AS is_compromised, rotated_at
        FROM subscription_keys
        WHERE tenant_id = \(tenant) AND deleted_at IS NULL AND rotated_at IS NOT NULL
        ORDER BY rotated_at DESC, id DESC
        LIMIT \(rows)
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.is_compromised, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM page k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY k.rotated_at DESC, k.id DESC, s.created_at, s.id
      """
    ).variant(narrowing.names).fold(into: [], SubscriptionKey.append)
  }
}
