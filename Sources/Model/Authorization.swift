package import FoundationEssentials

/// That a subscription key may call some targets of a provider.
package struct Authorization: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "aut" }

  package static let maximumTargets = 100

  /// What is authorized.
  package enum Kind: String, CaseIterable, Sendable {
    case subscriptionKey
  }

  /// Whether it counts, as far as it itself goes.
  package enum State: String, CaseIterable, Sendable {
    case active
    /// Its time is over. Its targets give way to a new authorization of the same key.
    case expired
    /// The key is not for this provider, or no longer: its owner says which may authorize it.
    case withdrawn
  }

  /// A group in an environment.
  package struct Target: Hashable, Sendable {
    package let group: ID<APIGroup>
    package let groupName: DisplayName
    package let environment: DeploymentEnvironment

    package init(group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment) {
      (self.group, self.groupName, self.environment) = (group, groupName, environment)
    }
  }

  package let id: ID<Authorization>
  package let kind: Kind
  package let subscription: FoundSubscription
  /// Oldest group first, and each group's environments in their order.
  package var targets: [Target]
  package let description: Remark?
  /// From this moment on it does not count.
  package let expiresAt: Date?
  /// What the key is limited by at each target by itself; `nil`: nothing.
  package let limitPolicy: LimitPolicy.Named?
  package let state: State
  package let createdAt, updatedAt: Date

  package init(
    id: ID<Authorization>, kind: Kind = .subscriptionKey, subscription: FoundSubscription, targets: [Target],
    description: Remark?, expiresAt: Date?, limitPolicy: LimitPolicy.Named?, state: State, createdAt: Date,
    updatedAt: Date
  ) {
    (self.id, self.kind, self.subscription, self.targets) = (id, kind, subscription, targets)
    (self.description, self.expiresAt, self.limitPolicy) = (description, expiresAt, limitPolicy)
    (self.state, self.createdAt, self.updatedAt) = (state, createdAt, updatedAt)
  }
}

extension Authorization {
  /// A target as a request names it.
  package struct GivenTarget: Hashable, Sendable {
    package let group: Reference<APIGroup>
    package let environment: DeploymentEnvironment

    package init(group: Reference<APIGroup>, environment: DeploymentEnvironment) {
      (self.group, self.environment) = (group, environment)
    }
  }

  /// What authorizing takes.
  package struct Draft: Sendable {
    package let kind: Kind
    package let subscription: Reference<SubscriptionKey>
    /// 1 to ``maximumTargets``, no two alike.
    package let targets: [GivenTarget]
    package let description: Remark?
    package let expiresAt: Date?
    package let limitPolicy: Reference<LimitPolicy>?

    package init(
      kind: Kind, subscription: Reference<SubscriptionKey>, targets: [GivenTarget], description: Remark?,
      expiresAt: Date?, limitPolicy: Reference<LimitPolicy>?
    ) {
      (self.kind, self.subscription, self.targets) = (kind, subscription, targets)
      (self.description, self.expiresAt, self.limitPolicy) = (description, expiresAt, limitPolicy)
    }
  }

  /// What may be changed of an authorization; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let description: Change<Remark>
    package let expiresAt: Change<Date>
    /// All targets it then has, as in ``Draft/targets``.
    package let targets: [GivenTarget]?
    package let limitPolicy: Change<Reference<LimitPolicy>>

    package init(
      description: Change<Remark>, expiresAt: Change<Date>, targets: [GivenTarget]?,
      limitPolicy: Change<Reference<LimitPolicy>>
    ) {
      (self.description, self.expiresAt) = (description, expiresAt)
      (self.targets, self.limitPolicy) = (targets, limitPolicy)
    }
  }

  /// Which authorizations a list shows.
  package struct Filter: Sendable {
    package let subscription: ID<SubscriptionKey>?
    /// With a target of this group.
    package let group: ID<APIGroup>?
    /// With a target in this environment, of `group` if that is given too.
    package let environment: DeploymentEnvironment?
    package let state: State?
    /// Found in the key's name or id, or in its tenant's name or slug, in whatever case.
    package let text: SearchText?
    /// Under this policy.
    package let limitPolicy: ID<LimitPolicy>?

    package init(
      subscription: ID<SubscriptionKey>? = nil, group: ID<APIGroup>? = nil, environment: DeploymentEnvironment? = nil,
      state: State? = nil, text: SearchText? = nil, limitPolicy: ID<LimitPolicy>? = nil
    ) {
      (self.subscription, self.group) = (subscription, group)
      (self.environment, self.state, self.text) = (environment, state, text)
      self.limitPolicy = limitPolicy
    }
  }
}
