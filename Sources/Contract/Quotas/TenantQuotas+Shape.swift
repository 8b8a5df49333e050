package import Model

extension TenantQuotas {
  package static let shape = Shape<TenantQuotas>.answer(
    "TenantQuotas",
    .required("subscriptionKeys", \.subscriptionKeys, Quota.shape, "Keys that are not deleted."),
    .required("apiGroups", \.apiGroups, Quota.shape, "API groups."),
    .required("apis", \.apis, Quota.shape, "APIs in the drafts of all groups."),
    .required("authorizations", \.authorizations, Quota.shape, "Authorizations that the tenant gave."),
    .required("domains", \.domains, Quota.shape, "Hosts of its own, claimed or verified.")
  ) { TenantQuotas(subscriptionKeys: $0, apiGroups: $1, apis: $2, authorizations: $3, domains: $4) }
}

extension TenantQuotas.Quota {
  package static let shape = Shape<TenantQuotas.Quota>.answer(
    "Quota",
    .required("limit", \.limit, .integer(0...Int(Int32.max)), "How many the tenant may have.", example: .integer(1000)),
    .required("used", \.used, .integer(0...Int(Int32.max)), "How many it has.", example: .integer(12))
  ) { TenantQuotas.Quota(limit: $0, used: $1) }
}
