import FoundationEssentials
import Model
import Postgres

/// Where usage has the calls that a change reaches.
struct ReachedUsage {
  let tenant: ID<Tenant>
  /// As which party of them the tenant makes the change.
  let side: UsageReport.Side
  /// Which sums tell them apart: at least by both ids.
  let dimensions: Int16
  /// `own_id`, `other_id`, `part_id` and `environment` of each place, null where it is any; none within another.
  let rows: SQL
  /// What joins and conditions leave out callers `c` that the change does not concern.
  let spared: SQL
  /// What tells the statement's text from the others'.
  let variant: StaticString

  private init(
    _ tenant: ID<Tenant>, _ side: UsageReport.Side, byPart: Bool = false, _ variant: StaticString, _ rows: SQL,
    sparing spared: SQL = ""
  ) {
    self.tenant = tenant
    (self.side, self.variant, self.rows, self.spared) = (side, variant, rows, spared)
    dimensions = byPart ? 7 : 5
  }

  /// `nil` for none, and for what has to be known better before.
  init?(_ reached: ReachedCalls, of tenant: ID<Tenant>) {
    switch reached {
    case .none, .release, .limitPolicy: return nil
    case .key(let key):
      self.init(tenant, .caller, "key", "SELECT \(key)::text, NULL::text, NULL::text, NULL::text")
    case .narrowedKey(let key, let end, let providers): self = .narrowedKey(key, end, providers, tenant)
    case .secret(let secret, let key, let end): self = .secret(secret, key, end, tenant)
    case .group(let group):
      self.init(tenant, .provider, "group", "SELECT \(group)::text, NULL::text, NULL::text, NULL::text")
    case .target(let group, let environment):
      self.init(tenant, .provider, "target", "SELECT \(group)::text, NULL::text, NULL::text, \(environment)::text")
    case .keyHeaders(let group, let names): self = .keyHeaders(group, names, tenant)
    case .unauthorized(let group, let mode): self = .unauthorized(group, mode, tenant)
    case .apis(let apis, let group, let environment):
      self.init(
        tenant, .provider, byPart: true, "apis",
        "SELECT \(group)::text, NULL::text, i.id, \(environment)::text FROM unnest(\(apis.map(\.description))) AS i (id)"
      )
    case .authorization(let id): self = .authorization(id, tenant)
    case .narrowedAuthorization(let id, let changes): self = .narrowed(id, changes, tenant)
    case .limited(let policy): self = .limited(policy, tenant)
    case .domain(let domain):
      self.init(
        tenant, .provider, "domain",
        """
        SELECT d.group_id, NULL::text, NULL::text, d.environment
        FROM domains d
        WHERE d.tenant_id = \(tenant) AND d.id = \(domain) AND d.state = 'verified'
        """)
    }
  }
}

/// What the tenant does with its own keys.
extension ReachedUsage {
  private static func narrowedKey(
    _ key: ID<SubscriptionKey>, _ end: Date?, _ providers: [Slug]?, _ tenant: ID<Tenant>
  ) -> ReachedUsage {
    let isShortened: SQL = "coalesce(k.expires_at, 'infinity') > coalesce(\(end)::timestamptz, 'infinity')"
    return ReachedUsage(
      tenant, .caller, "narrowed_key",
      """
      SELECT k.id, NULL::text, NULL::text, NULL::text
      FROM subscription_keys k
      WHERE k.tenant_id = \(tenant) AND k.id = \(key) AND \(isShortened)
      UNION ALL
      SELECT k.id, r.group_id, NULL::text, r.environment
      FROM subscription_keys k
      JOIN received_authorizations r ON r.subscription_key_id = k.id AND r.state = 'active'
      WHERE k.tenant_id = \(tenant) AND k.id = \(key) AND NOT \(isShortened)
        AND NOT r.provider_slug = ANY (\(providers?.map(\.description)))
      """)
  }

  private static func secret(
    _ secret: ID<SubscriptionKey.Secret>, _ key: ID<SubscriptionKey>, _ end: Date?, _ tenant: ID<Tenant>
  ) -> ReachedUsage {
    ReachedUsage(
      tenant, .caller, byPart: true, "secret",
      """
      SELECT s.subscription_key_id, NULL::text, s.id, NULL::text
      FROM subscription_secrets s
      WHERE s.tenant_id = \(tenant) AND s.subscription_key_id = \(key) AND s.id = \(secret)
        AND (\(end)::timestamptz IS NULL OR coalesce(s.expires_at, 'infinity') > \(end))
      """)
  }
}

/// What the tenant does with its own groups.
extension ReachedUsage {
  private static func keyHeaders(
    _ group: ID<APIGroup>, _ names: [KeyHeaderName], _ tenant: ID<Tenant>
  ) -> ReachedUsage {
    ReachedUsage(
      tenant, .provider, "key_headers",
      """
      SELECT g.id, NULL::text, NULL::text, NULL::text
      FROM api_groups g
      WHERE g.tenant_id = \(tenant) AND g.id = \(group) AND EXISTS (
        SELECT FROM unnest(g.key_headers) AS h (name) WHERE NOT lower(h.name) = ANY (\(names.map { $0.description.lowercased() })))
      """, sparing: "WHERE c.other_id <> ''")
  }

  private static func unauthorized(
    _ group: ID<APIGroup>, _ mode: ReachedCalls.NewMode, _ tenant: ID<Tenant>
  ) -> ReachedUsage {
    let (ofGroup, environment, own): (AccessMode?, DeploymentEnvironment?, AccessMode?) =
      switch mode {
      case .ofGroup(let mode): (mode, nil, nil)
      case .of(let environment, let mode): (nil, environment, mode)
      }
    let modes: SQL = "g.access_mode_test, g.access_mode_preview, g.access_mode_online"
    return ReachedUsage(
      tenant, .provider, "unauthorized",
      """
      SELECT g.id, NULL::text, NULL::text, e.name
      FROM api_groups g
      CROSS JOIN unnest(ARRAY['test', 'preview', 'online']) AS e (name)
      WHERE g.tenant_id = \(tenant) AND g.id = \(group) AND coalesce(e.name = \(environment), true)
        AND access_mode_in(e.name, g.access_mode, \(modes)) <> 'required'
        AND CASE WHEN \(environment)::text IS NULL THEN access_mode_in(e.name, \(ofGroup), \(modes))
          ELSE coalesce(\(own), g.access_mode) END = 'required'
      """,
      sparing: """
        WHERE NOT EXISTS (
          SELECT FROM authorization_targets x
          JOIN authorized_subscriptions s ON s.tenant_id = x.tenant_id AND s.authorization_id = x.authorization_id
          WHERE x.tenant_id = \(tenant) AND x.group_id = c.own_id AND x.environment = c.environment
            AND x.subscription_key_id = c.other_id AND s.state = 'active')
        """)
  }
}

/// What the tenant does with its own authorizations and limits.
extension ReachedUsage {
  private static func authorization(_ id: ID<Authorization>, _ tenant: ID<Tenant>) -> ReachedUsage {
    ReachedUsage(
      tenant, .provider, "authorization",
      """
      SELECT x.group_id, x.subscription_key_id, NULL::text, x.environment
      FROM authorization_targets x
      WHERE x.tenant_id = \(tenant) AND x.authorization_id = \(id)
      """)
  }

  private static func narrowed(
    _ id: ID<Authorization>, _ changes: Authorization.Changes, _ tenant: ID<Tenant>
  ) -> ReachedUsage {
    let targets = changes.targets
    return ReachedUsage(
      tenant, .provider, "narrowed_authorization",
      """
      SELECT x.group_id, x.subscription_key_id, NULL::text, x.environment
      FROM authorizations a
      JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
      WHERE a.tenant_id = \(tenant) AND a.id = \(id) AND (
        coalesce(a.expires_at, 'infinity') > \(changes.expiresAt.value)
        OR coalesce(a.limit_policy_id, '') <> \(changes.limitPolicy.value?.text)
        OR (\(targets != nil) AND NOT EXISTS (
          SELECT FROM unnest(\(targets?.map(\.group.text) ?? []), \(targets?.map(\.environment.rawValue) ?? []))
            AS k (group_id, environment)
          WHERE k.group_id = x.group_id AND k.environment = x.environment)))
      """)
  }

  private static func limited(_ policy: ID<LimitPolicy>, _ tenant: ID<Tenant>) -> ReachedUsage {
    let policyThere: SQL = """
      CASE e.name WHEN 'test' THEN g.limit_policy_test WHEN 'preview' THEN g.limit_policy_preview
        WHEN 'online' THEN g.limit_policy_online END
      """
    return ReachedUsage(
      tenant, .provider, "limited",
      """
      SELECT g.id, NULL::text, NULL::text, e.name
      FROM api_groups g
      CROSS JOIN unnest(ARRAY['test', 'preview', 'online']) AS e (name)
      WHERE g.tenant_id = \(tenant) AND \(policyThere) = \(policy)
      UNION ALL
      SELECT x.group_id, x.subscription_key_id, NULL::text, x.environment
      FROM authorizations a
      JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
      JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
      CROSS JOIN LATERAL (SELECT x.environment) AS e (name)
      WHERE a.tenant_id = \(tenant) AND a.limit_policy_id = \(policy) AND \(policyThere) IS DISTINCT FROM \(policy)
      """)
  }
}
