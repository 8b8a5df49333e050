package import Model
package import Postgres

extension Authorizations {
  /// One more of those under a policy than ``Model/LimitPolicy/Uses`` tell of, the newest.
  package static func list(under policy: ID<LimitPolicy>, in tenant: ID<Tenant>) -> Statement<[Authorization]> {
    list(Authorization.Filter(limitPolicy: policy), after: nil, limit: LimitPolicy.Uses.maximum + 1, in: tenant)
  }
}

extension APIGroups {
  /// One more of those under a policy than ``Model/LimitPolicy/Uses`` tell of, the newest.
  package static func list(under policy: ID<LimitPolicy>, in tenant: ID<Tenant>) -> Statement<[APIGroup]> {
    list(APIGroup.Filter(limitPolicy: policy), after: nil, limit: LimitPolicy.Uses.maximum + 1, in: tenant)
  }
}
