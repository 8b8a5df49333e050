package import FoundationEssentials

/// All that a caller is told of an authorization that a provider gave to one of its keys.
package struct ReceivedAuthorization: Hashable, Sendable {
  /// A group in an environment, as its provider shows it.
  package struct Target: Hashable, Sendable {
    package let group: ID<APIGroup>
    package let groupName: DisplayName
    package let environment: DeploymentEnvironment
    /// What the gateway's calls begin with, as in `/acme/online/pets`.
    package let path: String
    /// Whether something is live there now.
    package let isLive: Bool

    package init(
      group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment, path: String, isLive: Bool
    ) {
      (self.group, self.groupName, self.environment) = (group, groupName, environment)
      (self.path, self.isLive) = (path, isLive)
    }
  }

  package let id: ID<Authorization>
  package let provider: FoundSubscription.Owner
  package var targets: [Target]
  package let expiresAt: Date?
  package let state: Authorization.State
  package let createdAt: Date

  package init(
    id: ID<Authorization>, provider: FoundSubscription.Owner, targets: [Target], expiresAt: Date?,
    state: Authorization.State, createdAt: Date
  ) {
    (self.id, self.provider, self.targets) = (id, provider, targets)
    (self.expiresAt, self.state, self.createdAt) = (expiresAt, state, createdAt)
  }
}
