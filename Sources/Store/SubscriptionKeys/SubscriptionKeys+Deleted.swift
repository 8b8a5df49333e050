package import Model
package import Postgres

/// Statements about deleted keys, which can be restored for 30 days.
extension SubscriptionKeys {
  /// Deletes a key that, if `creator` is given, was made by that account. As compromised, also one that was deleted
  /// before. Gives how many it was, 0 or 1.
  package static func delete(
    _ id: ID<SubscriptionKey>, asCompromised isCompromised: Bool, createdBy creator: ID<Account>?,
    in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "subscription_key.delete",
      """
      UPDATE subscription_keys
      SET deleted_at = coalesce(deleted_at, now()), updated_at = now(),
        compromised_at = CASE WHEN \(isCompromised) THEN coalesce(compromised_at, now()) ELSE compromised_at END
      WHERE tenant_id = \(tenant) AND id = \(id)
        AND (deleted_at IS NULL OR \(isCompromised) AND deleted_at > now() - interval '30 days')
        AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
      """
    ).affected
  }

  /// Restores a deleted key, disabled, that is not compromised and, if `creator` is given, was made by that account.
  /// Gives how many it was, 0 or 1.
  package static func restore(
    _ id: ID<SubscriptionKey>, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "subscription_key.restore",
      """
      UPDATE subscription_keys
      SET deleted_at = NULL, state = 'disabled', updated_at = now()
      WHERE tenant_id = \(tenant) AND id = \(id) AND deleted_at > now() - interval '30 days' AND compromised_at IS NULL
        AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
      """
    ).affected
  }

  /// A key that was deleted, but not for so long that it is gone.
  package static func findDeleted(_ id: ID<SubscriptionKey>, in tenant: ID<Tenant>) -> Statement<[SubscriptionKey]> {
    Query<Void>(
      "subscription_key.find_deleted",
      """
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.compromised_at IS NOT NULL, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM subscription_keys k
      LEFT JOIN subscription_secrets s ON s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id
      WHERE k.tenant_id = \(tenant) AND k.id = \(id) AND k.deleted_at > now() - interval '30 days'
      ORDER BY s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }

  /// At least the first `limit` keys that were deleted in the last 30 days; texts as in ``list(_:_:after:limit:in:)``.
  package static func listDeleted(
    _ text: SearchText?, _ order: ListOrder = .newest, after position: Position<SubscriptionKey>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add("text", text.map(contains))
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "subscription_key.list_deleted",
      """
      WITH page AS (
        SELECT id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
          compromised_at IS NOT NULL AS is_compromised, sort_name
        FROM subscription_keys
        WHERE tenant_id = \(tenant) AND deleted_at IS NOT NULL AND deleted_at > now() - interval '30 days'
          \(narrowing.conditions)
        ORDER BY \(rowOrder.clause())
        LIMIT \(rows)
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.is_compromised, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM page k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY \(rowOrder.clause("k.")), s.created_at, s.id
      """
    ).variant(narrowing.names).fold(into: [], SubscriptionKey.append)
  }
}
