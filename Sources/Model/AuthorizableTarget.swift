/// A group in an environment, and whether keys can be authorized for it.
package struct AuthorizableTarget: Hashable, Sendable {
  /// Why keys cannot be authorized for a target.
  package enum Obstacle: String, CaseIterable, Sendable {
    /// Nothing is live there.
    case offline
    /// Anybody may call it.
    case open
  }

  /// Where a list of targets, newest group first, goes on: behind this target.
  package struct Place: Hashable, Sendable {
    package let group: Position<APIGroup>
    package let environment: DeploymentEnvironment

    package init(group: Position<APIGroup>, environment: DeploymentEnvironment) {
      (self.group, self.environment) = (group, environment)
    }
  }

  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let environment: DeploymentEnvironment
  /// What is live; `nil` if nothing is.
  package let version: RevisionVersion?
  /// `nil` if keys can be authorized.
  package let obstacle: Obstacle?

  package var isAuthorizable: Bool { obstacle == nil }

  package init(
    group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment, version: RevisionVersion?,
    obstacle: Obstacle?
  ) {
    (self.group, self.groupName, self.environment) = (group, groupName, environment)
    (self.version, self.obstacle) = (version, obstacle)
  }

  /// Which targets a list shows.
  package struct Filter: Sendable {
    /// Whose targets, by whether keys can be authorized for one of them.
    package enum Groups: Sendable {
      case any, usable, others
    }

    /// Whether those that cannot be authorized too.
    package let all: Bool
    package let groups: Groups
    /// What the group's name, description, prefix or id has.
    package let text: SearchText?

    package init(all: Bool, of groups: Groups = .any, like text: SearchText? = nil) {
      (self.all, self.groups, self.text) = (all, groups, text)
    }
  }
}
