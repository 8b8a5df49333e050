import Model
import Postgres
import Routing

// The same of some entities, for what the change feed names. Each finds its rows by an index.

extension Query<PublishedTenant?> {
  static func tenants(_ ids: [String]) -> Query {
    Query("changed.tenants", "SELECT id, slug, state FROM tenants WHERE id = ANY (\(ids))")
  }
}

extension Query<GroupRow?> {
  static func groups(_ ids: [String]) -> Query {
    Query(
      "changed.groups",
      """
      SELECT g.id, g.tenant_id, t.slug, g.prefix, g.access_mode, g.key_headers,
        g.access_mode_test, g.access_mode_preview, g.access_mode_online,
        g.limit_policy_test, g.limit_policy_preview, g.limit_policy_online,
        g.cors_origins, g.cors_methods, g.cors_headers, g.cors_exposed_headers, g.cors_credentials, g.cors_max_age
      FROM api_groups g
      JOIN tenants t ON t.id = g.tenant_id
      WHERE g.id = ANY (\(ids))
      """)
  }
}

extension Query<LiveRow?> {
  static func live(groups ids: [String]) -> Query {
    Query(
      "changed.live",
      """
      SELECT d.group_id, d.id, d.environment, d.backend_url, d.mock_status, d.mock_headers, d.mock_body,
        d.backend_headers_sealed
      FROM api_groups g
      JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id
      WHERE g.id = ANY (\(ids)) AND d.ended_at IS NULL
      """)
  }
}

extension Query<APIRow?> {
  static func apis(groups ids: [String]) -> Query {
    Query(
      "changed.apis",
      """
      SELECT d.id, a.api_id, a.method, a.path, a.match
      FROM api_groups g
      JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id
      JOIN revision_apis a ON a.tenant_id = d.tenant_id AND a.revision_id = d.revision_id
      WHERE g.id = ANY (\(ids)) AND d.ended_at IS NULL
      """)
  }
}

extension Query<PublishedDomain?> {
  static func domains(_ ids: [String]) -> Query {
    Query(
      "changed.domains",
      "SELECT id, host, group_id, environment FROM domains WHERE id = ANY (\(ids)) AND state = 'verified'")
  }
}

extension Query<PublishedLimits?> {
  static func limits(_ ids: [String]) -> Query {
    Query(
      "changed.limits",
      """
      SELECT id, mode, per_second, per_minute, per_hour, per_day, per_month, overdraft_per_second, overdraft_per_minute,
        overdraft_per_hour, overdraft_per_day, overdraft_per_month
      FROM limit_policies
      WHERE id = ANY (\(ids))
      """)
  }
}

extension Query<KeyRow?> {
  static func keys(_ ids: [String]) -> Query {
    Query(
      "changed.keys",
      """
      SELECT id, tenant_id, state, expires_at
      FROM subscription_keys
      WHERE id = ANY (\(ids)) AND deleted_at IS NULL
      """)
  }
}

extension Query<SecretRow?> {
  static func secrets(keys ids: [String]) -> Query {
    Query(
      "changed.secrets",
      """
      SELECT s.subscription_key_id, s.digest, s.expires_at
      FROM subscription_keys k
      JOIN subscription_secrets s ON s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id
      WHERE k.id = ANY (\(ids))
      """)
  }
}

extension Query<AuthorizationRow?> {
  static func authorizations(keys ids: [String]) -> Query {
    Query(
      "changed.authorizations",
      """
      SELECT x.subscription_key_id, x.group_id, x.environment, a.expires_at, a.limit_policy_id
      FROM subscription_keys k
      JOIN authorizations a ON a.subscriber_tenant_id = k.tenant_id AND a.subscription_key_id = k.id
      JOIN tenants t ON t.id = a.tenant_id
      JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
      WHERE k.id = ANY (\(ids)) AND (k.providers IS NULL OR t.slug = ANY (k.providers))
      """)
  }
}
