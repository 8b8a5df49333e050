/// A target that keys are authorized for, but where nothing is live.
package struct OfflineTarget: Hashable, Sendable {
  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let environment: DeploymentEnvironment

  package init(group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment) {
    (self.group, self.groupName, self.environment) = (group, groupName, environment)
  }
}
