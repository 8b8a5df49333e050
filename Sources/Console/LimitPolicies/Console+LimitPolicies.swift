package import Model
import Store

extension Console {
  package func createLimitPolicy(_ draft: LimitPolicy.Draft, as principal: Principal) async throws -> LimitPolicy {
    try principal.require(.manageLimitPolicies)
    return try await store.run(
      in: principal.tenant, LimitPolicies.insert(draft, id: .random(), in: principal.tenant))
  }

  package func limitPolicies(
    _ filter: LimitPolicy.Filter, _ slice: SliceRequest<LimitPolicy>, as principal: Principal
  ) async throws -> Slice<LimitPolicy> {
    try principal.require(.anyRole)
    let policies = try await store.run(
      in: principal.tenant,
      LimitPolicies.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: policies, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.name.description, in: slice.order)
    }
  }

  package func limitPolicy(_ id: ID<LimitPolicy>, as principal: Principal) async throws -> LimitPolicy {
    try principal.require(.anyRole)
    guard let policy = try await store.run(in: principal.tenant, LimitPolicies.find(id, in: principal.tenant)) else {
      throw ConsoleError.notFound
    }
    return policy
  }

  /// Where a policy counts; nowhere for one that is not there.
  package func uses(of id: ID<LimitPolicy>, as principal: Principal) async throws -> LimitPolicy.Uses {
    try principal.require(.anyRole)
    let (authorizations, groups) = try await store.pipeline(
      in: principal.tenant, Authorizations.list(under: id, in: principal.tenant),
      APIGroups.list(under: id, in: principal.tenant))
    return LimitPolicy.Uses(of: id, authorizations, groups)
  }

  /// Changes a policy wherever it counts. What was counted stays counted.
  package func updateLimitPolicy(
    _ id: ID<LimitPolicy>, to changes: LimitPolicy.Changes, expecting version: ExpectedVersion,
    as principal: Principal
  ) async throws -> LimitPolicy {
    try principal.require(.manageLimitPolicies)
    let updated = try await store.run(
      in: principal.tenant, LimitPolicies.update(id, to: changes, expecting: version, in: principal.tenant))
    guard let updated else {
      _ = try await limitPolicy(id, as: principal)
      throw ConsoleError.preconditionFailed
    }
    wakeGateways()
    return updated
  }

  /// Deletes a policy that counts nowhere.
  ///
  /// - Throws: ``ConsoleError/limitPolicyInUse(_:)``.
  package func deleteLimitPolicy(_ id: ID<LimitPolicy>, as principal: Principal) async throws {
    try principal.require(.manageLimitPolicies)
    let tenant = principal.tenant
    try await store.transaction(in: tenant) { transaction in
      let (exists, authorizations, groups) = try await transaction.batch(
        LimitPolicies.lock(id, in: tenant), Authorizations.list(under: id, in: tenant),
        APIGroups.list(under: id, in: tenant))
      guard exists else { throw ConsoleError.notFound }
      let uses = LimitPolicy.Uses(of: id, authorizations, groups)
      guard uses.areNone else { throw ConsoleError.limitPolicyInUse(uses) }
      _ = try await transaction.run(LimitPolicies.delete(id, in: tenant))
    }
    wakeGateways()
  }
}

extension LimitPolicy.Uses {
  /// Of more authorizations and groups than are told.
  fileprivate init(of policy: ID<LimitPolicy>, _ authorizations: [Authorization], _ groups: [APIGroup]) {
    let environments = groups.flatMap { group in
      group.environments.filter { $0.limitPolicy?.id == policy }.map {
        Authorization.Target(group: group.id, groupName: group.name, environment: $0.environment)
      }
    }
    self.init(
      authorizations: authorizations.prefix(Self.maximum).map { Limited(id: $0.id, subscription: $0.subscription) },
      environments: Array(environments.prefix(Self.maximum)),
      areMore: authorizations.count > Self.maximum || environments.count > Self.maximum)
  }
}

extension InvalidInput.Complaint {
  /// Whether a policy is unknown, another's or malformed is not told apart.
  static let noLimitPolicy = InvalidInput.Complaint(
    pointer: "/limitPolicyId", detail: "must be the id of one of the tenant's limit policies")
}
