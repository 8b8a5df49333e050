/// How much a tenant may have, and has: all that is in every node's memory, and what the database keeps of it.
package struct TenantQuotas: Hashable, Sendable {
  package struct Quota: Hashable, Sendable {
    package let limit, used: Int

    package init(limit: Int, used: Int) {
      (self.limit, self.used) = (limit, used)
    }
  }

  package let subscriptionKeys, apiGroups, apis, authorizations, domains: Quota
  /// Of all that is live in any environment.
  package let liveAPIs, liveBytes: Quota
  /// Of all authorizations together.
  package let authorizationTargets: Quota
  /// Of all revisions together.
  package let revisionAPIs: Quota
  /// Also those that have ended.
  package let deployments: Quota
  package let accounts, accessTokens: Quota
  package let limitPolicies: Quota

  package init(
    subscriptionKeys: Quota, apiGroups: Quota, apis: Quota, authorizations: Quota, domains: Quota, liveAPIs: Quota,
    liveBytes: Quota, authorizationTargets: Quota, revisionAPIs: Quota, deployments: Quota, accounts: Quota,
    accessTokens: Quota, limitPolicies: Quota
  ) {
    (self.subscriptionKeys, self.apiGroups) = (subscriptionKeys, apiGroups)
    (self.apis, self.authorizations, self.domains) = (apis, authorizations, domains)
    (self.liveAPIs, self.liveBytes, self.authorizationTargets) = (liveAPIs, liveBytes, authorizationTargets)
    (self.revisionAPIs, self.deployments) = (revisionAPIs, deployments)
    (self.accounts, self.accessTokens, self.limitPolicies) = (accounts, accessTokens, limitPolicies)
  }

  /// What an operator changes of the limits; nil stays as it is. A limit below what is used takes nothing away.
  package struct Changes: Sendable {
    package let subscriptionKeys, apiGroups, apis, authorizations, domains: Int?
    package let liveAPIs, liveBytes, authorizationTargets: Int?
    package let revisionAPIs, deployments, accounts, accessTokens, limitPolicies: Int?

    package init(
      subscriptionKeys: Int? = nil, apiGroups: Int? = nil, apis: Int? = nil, authorizations: Int? = nil,
      domains: Int? = nil, liveAPIs: Int? = nil, liveBytes: Int? = nil, authorizationTargets: Int? = nil,
      revisionAPIs: Int? = nil, deployments: Int? = nil, accounts: Int? = nil, accessTokens: Int? = nil,
      limitPolicies: Int? = nil
    ) {
      (self.subscriptionKeys, self.apiGroups) = (subscriptionKeys, apiGroups)
      (self.apis, self.authorizations, self.domains) = (apis, authorizations, domains)
      (self.liveAPIs, self.liveBytes, self.authorizationTargets) = (liveAPIs, liveBytes, authorizationTargets)
      (self.revisionAPIs, self.deployments) = (revisionAPIs, deployments)
      (self.accounts, self.accessTokens, self.limitPolicies) = (accounts, accessTokens, limitPolicies)
    }
  }
}
