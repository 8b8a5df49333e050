package import Model

extension TenantQuotas {
  package static let shape = Shape<TenantQuotas>.answer(
    "TenantQuotas",
    .required("subscriptionKeys", \.subscriptionKeys, Quota.shape),
    .required("apiGroups", \.apiGroups, Quota.shape),
    .required("apis", \.apis, Quota.shape),
    .required("authorizations", \.authorizations, Quota.shape)
  ) { TenantQuotas(subscriptionKeys: $0, apiGroups: $1, apis: $2, authorizations: $3) }
}

extension TenantQuotas.Quota {
  package static let shape = Shape<TenantQuotas.Quota>.answer(
    "Quota",
    .required("limit", \.limit, .integer(0...Int(Int32.max))),
    .required("used", \.used, .integer(0...Int(Int32.max)))
  ) { TenantQuotas.Quota(limit: $0, used: $1) }
}
