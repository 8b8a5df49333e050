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
  package func updateEnvironment(
    _ environment: DeploymentEnvironment, of group: ID<APIGroup>, to changes: APIGroup.EnvironmentChanges,
    expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> APIGroup.Environment {
    try principal.require(.admin)
    let groups = try await store.run(
      in: principal.tenant,
      APIGroups.update(environment, of: group, to: changes, expecting: version, in: principal.tenant))
    guard let changed = groups.first?.environment(environment) else {
      _ = try await apiGroup(group, as: principal)
      throw ConsoleError.preconditionFailed
    }
    wakeGateways()
    return changed
  }
}
