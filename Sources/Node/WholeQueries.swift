import Postgres
import Routing

// Everything that gateways decide by, for a load.

extension Query<PublishedTenant?> {
  static let wholeTenants = Query("snapshot.tenants", "SELECT id, slug, state FROM tenants")
}

extension Query<GroupRow?> {
  static let wholeGroups = Query(
    "snapshot.groups",
    """
    SELECT g.id, g.tenant_id, t.slug, g.prefix, g.access_mode, g.key_headers
    FROM api_groups g
    JOIN tenants t ON t.id = g.tenant_id
    """)
}

extension Query<LiveRow?> {
  static let wholeLive = Query(
    "snapshot.live",
    """
    SELECT group_id, id, environment, backend_url, mock_status, mock_headers, mock_body
    FROM deployments
    WHERE ended_at IS NULL
    """)
}

extension Query<APIRow?> {
  static let wholeAPIs = Query(
    "snapshot.apis",
    """
    SELECT d.id, a.api_id, a.method, a.path, a.match
    FROM deployments d
    JOIN revision_apis a ON a.tenant_id = d.tenant_id AND a.revision_id = d.revision_id
    WHERE d.ended_at IS NULL
    """)
}

extension Query<Int> {
  /// About how many keys there are, by the planner's count; too low while nobody has counted.
  static let expectedKeys = Query<Int>(
    "snapshot.expected_keys",
    "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'subscription_keys'::regclass")
}

extension Query<KeyRow?> {
  static let wholeKeys = Query(
    "snapshot.keys", "SELECT id, tenant_id, state, expires_at FROM subscription_keys WHERE deleted_at IS NULL")
}

extension Query<SecretRow?> {
  static let wholeSecrets = Query(
    "snapshot.secrets", "SELECT subscription_key_id, digest FROM subscription_secrets")
}

extension Query<AuthorizationRow?> {
  static let wholeAuthorizations = Query(
    "snapshot.authorizations",
    """
    SELECT x.subscription_key_id, x.group_id, x.environment, a.expires_at
    FROM authorization_targets x
    JOIN authorizations a ON a.tenant_id = x.tenant_id AND a.id = x.authorization_id
    """)
}
