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
    /// What all callers are limited by there together; `nil`: nothing.
    package let limits: LimitPolicy.Terms?

    package init(
      group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment, path: String, isLive: Bool,
      limits: LimitPolicy.Terms?
    ) {
      (self.group, self.groupName, self.environment) = (group, groupName, environment)
      (self.path, self.isLive, self.limits) = (path, isLive, limits)
    }
  }

  package let id: ID<Authorization>
  package let provider: FoundSubscription.Owner
  package var targets: [Target]
  package let expiresAt: Date?
  /// What the key is limited by at each target by itself; `nil`: nothing.
  package let limits: LimitPolicy.Terms?
  package let state: Authorization.State
  package let createdAt: Date

  package init(
    id: ID<Authorization>, provider: FoundSubscription.Owner, targets: [Target], expiresAt: Date?,
    limits: LimitPolicy.Terms?, state: Authorization.State, createdAt: Date
  ) {
    (self.id, self.provider, self.targets, self.limits) = (id, provider, targets, limits)
    (self.expiresAt, self.state, self.createdAt) = (expiresAt, state, createdAt)
  }
}
