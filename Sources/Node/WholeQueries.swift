import Model
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
    SELECT g.id, g.tenant_id, t.slug, g.prefix, g.access_mode, g.key_headers,
      g.access_mode_test, g.access_mode_preview, g.access_mode_online,
      g.limit_policy_test, g.limit_policy_preview, g.limit_policy_online,
      g.cors_origins, g.cors_methods, g.cors_headers, g.cors_exposed_headers, g.cors_credentials, g.cors_max_age
    FROM api_groups g
    JOIN tenants t ON t.id = g.tenant_id
    """)
}

extension Query<PublishedLimits?> {
  static let wholeLimits = Query(
    "snapshot.limits",
    """
    SELECT id, mode, per_second, per_minute, per_hour, per_day, per_month, overdraft_per_second, overdraft_per_minute,
      overdraft_per_hour, overdraft_per_day, overdraft_per_month
    FROM limit_policies
    """)
}

extension Query<LiveRow?> {
  static let wholeLive = Query(
    "snapshot.live",
    """
    SELECT group_id, id, environment, backend_url, mock_status, mock_headers, mock_body, backend_headers_sealed
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

extension Query<PublishedDomain?> {
  static let wholeDomains = Query(
    "snapshot.domains", "SELECT id, host, group_id, environment FROM domains WHERE state = 'verified'")
}

extension Query<Int> {
  /// About how many keys there are, by the planner's count; too low while nobody has counted.
  static let expectedKeys = Query<Int>(
    "snapshot.expected_keys",
    "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'subscription_keys'::regclass")
}

// What there may be millions of is copied out, a table at a time.
extension CopyQuery {
  static let wholeKeys = CopyQuery(
    "snapshot.keys", "SELECT id, tenant_id, state, expires_at FROM subscription_keys WHERE deleted_at IS NULL")

  static let wholeSecrets = CopyQuery(
    "snapshot.secrets", "SELECT subscription_key_id, digest, expires_at FROM subscription_secrets")

  /// Without their terms: most have none, and joining them would take the server longer than all the rest.
  static let wholeAuthorizations = CopyQuery(
    "snapshot.authorizations", "SELECT subscription_key_id, group_id, environment FROM authorization_targets")

  /// Authorizations that do not count, for their keys are restricted to other providers. Few keys are restricted.
  static let wholeWithheld = CopyQuery(
    "snapshot.withheld",
    """
    SELECT x.subscription_key_id, x.group_id, x.environment
    FROM subscription_keys k
    JOIN authorizations a ON a.subscriber_tenant_id = k.tenant_id AND a.subscription_key_id = k.id
    JOIN tenants t ON t.id = a.tenant_id
    JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
    WHERE k.providers IS NOT NULL AND t.slug <> ALL (k.providers)
    """)

  static let wholeTerms = CopyQuery(
    "snapshot.terms",
    """
    SELECT x.subscription_key_id, x.group_id, x.environment, a.expires_at, a.limit_policy_id
    FROM authorizations a
    JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
    WHERE a.expires_at IS NOT NULL OR a.limit_policy_id IS NOT NULL
    """)
}
