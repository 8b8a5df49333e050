package import Model
package import Postgres

/// Statements about how much tenants may have.
package enum Quotas {
  package static func find(in tenant: ID<Tenant>) -> Statement<TenantQuotas?> {
    Query(
      "tenant_quotas.find",
      """
      SELECT q.subscription_keys, u.subscription_keys, q.api_groups, u.api_groups, q.apis, u.apis, q.authorizations,
        u.authorizations, q.domains, u.domains, q.live_apis, u.live_apis, q.live_bytes, u.live_bytes,
        q.authorization_targets, u.authorization_targets, q.revision_apis, u.revision_apis, q.deployments, u.deployments,
        q.accounts, u.accounts, q.access_tokens, u.access_tokens, q.limit_policies, u.limit_policies
      FROM tenant_quotas q
      JOIN tenant_usage u ON u.tenant_id = q.tenant_id
      WHERE q.tenant_id = \(tenant)
      """
    ) { row in
      TenantQuotas(
        subscriptionKeys: try TenantQuotas.Quota(row: &row), apiGroups: try TenantQuotas.Quota(row: &row),
        apis: try TenantQuotas.Quota(row: &row), authorizations: try TenantQuotas.Quota(row: &row),
        domains: try TenantQuotas.Quota(row: &row), liveAPIs: try TenantQuotas.Quota(row: &row),
        liveBytes: try TenantQuotas.Quota(row: &row), authorizationTargets: try TenantQuotas.Quota(row: &row),
        revisionAPIs: try TenantQuotas.Quota(row: &row), deployments: try TenantQuotas.Quota(row: &row),
        accounts: try TenantQuotas.Quota(row: &row), accessTokens: try TenantQuotas.Quota(row: &row),
        limitPolicies: try TenantQuotas.Quota(row: &row))
    }.first
  }

  /// Changes the limits. For the owner's login.
  package static func update(_ tenant: ID<Tenant>, to changes: TenantQuotas.Changes) -> Statement<Int> {
    Query<Void>(
      "tenant_quotas.update",
      """
      UPDATE tenant_quotas
      SET subscription_keys = coalesce(\(changes.subscriptionKeys), subscription_keys),
        api_groups = coalesce(\(changes.apiGroups), api_groups), apis = coalesce(\(changes.apis), apis),
        authorizations = coalesce(\(changes.authorizations), authorizations),
        domains = coalesce(\(changes.domains), domains), live_apis = coalesce(\(changes.liveAPIs), live_apis),
        live_bytes = coalesce(\(changes.liveBytes), live_bytes),
        authorization_targets = coalesce(\(changes.authorizationTargets), authorization_targets),
        revision_apis = coalesce(\(changes.revisionAPIs), revision_apis),
        deployments = coalesce(\(changes.deployments), deployments), accounts = coalesce(\(changes.accounts), accounts),
        access_tokens = coalesce(\(changes.accessTokens), access_tokens),
        limit_policies = coalesce(\(changes.limitPolicies), limit_policies)
      WHERE tenant_id = \(tenant)
      """
    ).affected
  }
}

extension TenantQuotas.Quota {
  /// Reads a limit and what is used of it.
  fileprivate init(row: inout Row) throws {
    self.init(limit: try row.next(), used: try row.next())
  }
}
