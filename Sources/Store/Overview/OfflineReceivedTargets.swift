package import Model
package import Postgres

/// Statements about targets of others that a tenant's keys may call, but where nothing is live.
package enum OfflineReceivedTargets {
  /// At least the first `limit`, by group and environment, each with the key that was authorized for it last.
  ///
  /// It looks at a thousand targets of the tenant's at most, however many keys have each, and of one that is offline at its
  /// newest twenty authorizations: whether one of them counts, and is of a key that does. The views are of this tenant's.
  package static func list(limit: Int, in tenant: ID<Tenant>) -> Statement<[OfflineReceivedTarget]> {
    var narrowing = Narrowing()
    let rows = narrowing.rows(limit)
    return Query(
      "offline_received_target.list",
      """
      WITH RECURSIVE target AS (
        (
          SELECT r.group_id, r.environment, r.is_live, 1 AS number FROM received_targets r
          ORDER BY r.group_id, r.environment
          LIMIT 1)
        UNION ALL
        SELECT n.group_id, n.environment, n.is_live, t.number + 1
        FROM target t
        CROSS JOIN LATERAL (
          SELECT r.group_id, r.environment, r.is_live FROM received_targets r
          WHERE (r.group_id, r.environment) > (t.group_id, t.environment)
          ORDER BY r.group_id, r.environment
          LIMIT 1) n
        WHERE t.number < 1000
      )
      SELECT t.group_id, a.group_name, t.environment, a.provider_name, a.provider_slug, a.key_id, a.key_name
      FROM target t
      CROSS JOIN LATERAL (
        SELECT o.group_name, o.provider_name, o.provider_slug, k.id AS key_id, k.name AS key_name
        FROM (
          SELECT r.subscription_key_id, r.authorization_id, r.authorized_at FROM received_targets r
          WHERE r.group_id = t.group_id AND r.environment = t.environment
          ORDER BY r.authorized_at DESC, r.authorization_id DESC
          LIMIT 20) r
        JOIN subscription_keys k
          ON k.tenant_id = \(tenant) AND k.id = r.subscription_key_id AND k.state = 'active' AND k.deleted_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > now())
        CROSS JOIN LATERAL (
          SELECT v.group_name, v.provider_name, v.provider_slug
          FROM received_authorizations v
          WHERE v.subscription_key_id = k.id AND v.created_at = r.authorized_at AND v.id = r.authorization_id
            AND v.group_id = t.group_id AND v.environment = t.environment AND v.state = 'active'
          LIMIT 1) o
        LIMIT 1) a
      WHERE NOT t.is_live
      LIMIT \(rows)
      """
    ) { row in
      OfflineReceivedTarget(
        group: try row.next(), groupName: try row.next(), environment: try row.next(),
        provider: FoundSubscription.Owner(name: try row.next(), slug: try row.next()), key: try row.next(),
        keyName: try row.next())
    }.variant(narrowing.names).all
  }
}
