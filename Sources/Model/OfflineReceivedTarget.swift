/// A target of another tenant that a key of one's own may call, but where nothing is live.
package struct OfflineReceivedTarget: Hashable, Sendable {
  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let environment: DeploymentEnvironment
  package let provider: FoundSubscription.Owner
  /// The key that was authorized for it last.
  package let key: ID<SubscriptionKey>
  package let keyName: DisplayName

  package init(
    group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment,
    provider: FoundSubscription.Owner, key: ID<SubscriptionKey>, keyName: DisplayName
  ) {
    (self.group, self.groupName, self.environment) = (group, groupName, environment)
    (self.provider, self.key, self.keyName) = (provider, key, keyName)
  }
}
