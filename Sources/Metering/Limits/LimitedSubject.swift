package import Model

/// What is counted by itself: a key at a target, or all callers of a target together. Never a secret, an authorization or
/// a policy, so that none of these can be replaced to begin anew.
package struct LimitedSubject: Hashable, Sendable {
  package let provider: ID<Tenant>
  package let group: ID<APIGroup>
  package let environment: DeploymentEnvironment
  /// nil: all callers.
  package let key: ID<SubscriptionKey>?

  package init(
    provider: ID<Tenant>, group: ID<APIGroup>, environment: DeploymentEnvironment, key: ID<SubscriptionKey>?
  ) {
    (self.provider, self.group, self.environment, self.key) = (provider, group, environment, key)
  }

  /// By the words of their ids, what differs most first: it is asked for every call.
  package static func == (left: LimitedSubject, right: LimitedSubject) -> Bool {
    left.key?.bits == right.key?.bits && left.group.bits == right.group.bits
      && left.environment.hashBits == right.environment.hashBits
      && left.provider.bits == right.provider.bits
  }

  /// A key at this target.
  func of(_ key: ID<SubscriptionKey>) -> LimitedSubject {
    LimitedSubject(provider: provider, group: group, environment: environment, key: key)
  }
}
