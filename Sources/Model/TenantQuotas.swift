/// How much a tenant may have, and has: all of it is in every node's memory.
package struct TenantQuotas: Hashable, Sendable {
  package struct Quota: Hashable, Sendable {
    package let limit, used: Int

    package init(limit: Int, used: Int) {
      (self.limit, self.used) = (limit, used)
    }
  }

  package let subscriptionKeys, apiGroups, apis, authorizations: Quota

  package init(subscriptionKeys: Quota, apiGroups: Quota, apis: Quota, authorizations: Quota) {
    (self.subscriptionKeys, self.apiGroups) = (subscriptionKeys, apiGroups)
    (self.apis, self.authorizations) = (apis, authorizations)
  }

  /// What an operator changes of the limits; nil stays as it is. A limit below what is used takes nothing away.
  package struct Changes: Sendable {
    package let subscriptionKeys, apiGroups, apis, authorizations: Int?

    package init(subscriptionKeys: Int?, apiGroups: Int?, apis: Int?, authorizations: Int?) {
      (self.subscriptionKeys, self.apiGroups) = (subscriptionKeys, apiGroups)
      (self.apis, self.authorizations) = (apis, authorizations)
    }
  }
}
