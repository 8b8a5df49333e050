package import Model

extension TenantQuotas {
  package static let shape = Shape<TenantQuotas>.answer(
    "TenantQuotas",
    .required("subscriptionKeys", \.subscriptionKeys, Quota.shape, "Keys that are not deleted."),
    .required("apiGroups", \.apiGroups, Quota.shape, "API groups."),
    .required("apis", \.apis, Quota.shape, "APIs in the drafts of all groups."),
    .required("authorizations", \.authorizations, Quota.shape, "Authorizations that the tenant gave."),
    .required("domains", \.domains, Quota.shape, "Hosts of its own, claimed or verified."),
    .required("liveApis", \.liveAPIs, Quota.shape, "APIs of all that is live, each environment's counted."),
    .required(
      "liveBytes", \.liveBytes, Quota.shape,
      "Bytes of all that is live: the APIs' paths, mock responses, and backends' URLs and headers."),
    .required(
      "authorizationTargets", \.authorizationTargets, Quota.shape,
      "Targets of all authorizations that the tenant gave."),
    .required("revisionApis", \.revisionAPIs, Quota.shape, "APIs of all revisions of all groups."),
    .required("deployments", \.deployments, Quota.shape, "Deployments, also those that have ended."),
    .required("accounts", \.accounts, Quota.shape, "Accounts, whatever their state."),
    .required("accessTokens", \.accessTokens, Quota.shape, "Access tokens of all accounts."),
    .required("limitPolicies", \.limitPolicies, Quota.shape, "Limit policies.")
  ) {
    TenantQuotas(
      subscriptionKeys: $0, apiGroups: $1, apis: $2, authorizations: $3, domains: $4, liveAPIs: $5, liveBytes: $6,
      authorizationTargets: $7, revisionAPIs: $8, deployments: $9, accounts: $10, accessTokens: $11, limitPolicies: $12)
  }
}

extension TenantQuotas.Quota {
  package static let shape = Shape<TenantQuotas.Quota>.answer(
    "Quota",
    .required("limit", \.limit, .integer(0...Int(Int32.max)), "How many the tenant may have.", example: .integer(1000)),
    .required("used", \.used, .integer(0...Int(Int32.max)), "How many it has.", example: .integer(12))
  ) { TenantQuotas.Quota(limit: $0, used: $1) }
}
