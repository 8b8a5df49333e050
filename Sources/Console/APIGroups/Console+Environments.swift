package import Model
import Store

extension Console {
  /// A group in each environment: how it may be called there, and what is live.
  package func environments(
    of group: ID<APIGroup>, as principal: Principal
  ) async throws -> [APIGroup.Environment] {
    try await apiGroup(group, as: principal).environments
  }

  package func environment(
    _ environment: DeploymentEnvironment, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> APIGroup.Environment {
    guard let found = try await apiGroup(group, as: principal).environment(environment) else {
      throw ConsoleError.notFound
    }
    return found
  }

  /// Changes a group in an environment, whatever is released there, now or later.
  ///
  /// - Parameter version: of the group.
  /// - Throws: `InvalidInput` for a limit policy that is not there.
  package func updateEnvironment(
    _ environment: DeploymentEnvironment, of group: ID<APIGroup>, to changes: APIGroup.EnvironmentChanges,
    expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> APIGroup.Environment {
    try principal.require(.manageGroups)
    let tenant = principal.tenant
    let changed = try await store.transaction(in: tenant) { transaction in
      let (isPolicy, groups, exists) = try await transaction.batch(
        LimitPolicies.lockForReference(changes.limitPolicy.value, in: tenant),
        APIGroups.update(environment, of: group, to: changes, expecting: version, in: tenant),
        APIGroups.exists(group, in: tenant))
      guard exists else { throw ConsoleError.notFound }
      guard isPolicy || changes.limitPolicy.value == nil else { throw InvalidInput([.noLimitPolicy]) }
      guard let changed = groups.first?.environment(environment) else { throw ConsoleError.preconditionFailed }
      return changed
    }
    wakeGateways()
    return changed
  }
}
