package import FoundationEssentials

/// How a limit stands where it counts.
package struct RemainingLimit: Hashable, Sendable {
  /// Whose calls count against it.
  package enum Scope: String, CaseIterable, Sendable {
    /// A key's at a target, by itself.
    case key
    /// All callers' of a target together.
    case shared
  }

  package let scope: Scope
  /// How many requests a window takes.
  package let requests: Int
  package let period: LimitPeriod
  package let mode: LimitPolicy.Mode
  /// How many more the present window takes, as far as gateways have told.
  package let remaining: Int
  /// When the present window ends.
  package let resetsAt: Date

  package init(
    scope: Scope, requests: Int, period: LimitPeriod, mode: LimitPolicy.Mode, remaining: Int, resetsAt: Date
  ) {
    (self.scope, self.requests, self.period, self.mode) = (scope, requests, period, mode)
    (self.remaining, self.resetsAt) = (remaining, resetsAt)
  }

  package var limit: LimitPolicy.Limit { LimitPolicy.Limit(requests: requests, period: period) }
  package var isUsedUp: Bool { remaining == 0 }
}

/// A group in an environment with the limits that count there, those of the key itself before those that all share, and the
/// shortest period first.
package struct LimitedTarget: Hashable, Sendable {
  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let environment: DeploymentEnvironment
  /// Whether something is live there now.
  package let isLive: Bool
  package var limits: [RemainingLimit]

  package init(
    group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment, isLive: Bool,
    limits: [RemainingLimit] = []
  ) {
    (self.group, self.groupName, self.environment) = (group, groupName, environment)
    (self.isLive, self.limits) = (isLive, limits)
  }
}

/// What a caller is told of the limits of one of its keys at a target.
package struct ReceivedLimits: Hashable, Sendable {
  /// Where a list of them, newest authorization first, goes on: behind this one.
  package struct Place: Hashable, Sendable {
    package let authorization: Position<Authorization>
    package let group: ID<APIGroup>
    package let environment: DeploymentEnvironment

    package init(authorization: Position<Authorization>, group: ID<APIGroup>, environment: DeploymentEnvironment) {
      (self.authorization, self.group, self.environment) = (authorization, group, environment)
    }
  }

  /// A target of an authorization of the key.
  package struct Key: Hashable, Sendable {
    package let authorization: ID<Authorization>
    package let group: ID<APIGroup>
    package let environment: DeploymentEnvironment

    package init(authorization: ID<Authorization>, group: ID<APIGroup>, environment: DeploymentEnvironment) {
      (self.authorization, self.group, self.environment) = (authorization, group, environment)
    }
  }

  package let authorization: ID<Authorization>
  package let provider: FoundSubscription.Owner
  package var target: LimitedTarget

  package init(authorization: ID<Authorization>, provider: FoundSubscription.Owner, target: LimitedTarget) {
    (self.authorization, self.provider, self.target) = (authorization, provider, target)
  }

  package var key: Key {
    Key(authorization: authorization, group: target.group, environment: target.environment)
  }
}
