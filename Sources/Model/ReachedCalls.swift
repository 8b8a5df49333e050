package import FoundationEssentials

/// Which calls a change takes something from: by whom, of what. A change that does several such things reaches all calls that
/// the widest of them does.
package enum ReachedCalls: Sendable {
  case none
  /// By a key.
  case key(ID<SubscriptionKey>)
  /// By a key: all if it is given an end and had none or a later one, else those of what other providers than these
  /// authorized it for.
  case narrowedKey(ID<SubscriptionKey>, until: Date?, providers: [Slug]?)
  /// By one of a key's secrets; where it is only given an end, if it had none or a later one.
  case secret(ID<SubscriptionKey.Secret>, of: ID<SubscriptionKey>, until: Date? = nil)
  case group(ID<APIGroup>)
  case target(ID<APIGroup>, DeploymentEnvironment)
  /// By keys, of a group that had a key header that is not among these.
  case keyHeaders(ID<APIGroup>, keeping: [KeyHeaderName])
  /// By who is not authorized, wherever a group becomes one that requires it.
  case unauthorized(ID<APIGroup>, NewMode)
  /// Of those APIs that are live and that a revision has no more.
  case release(Deployment.Release, of: ID<APIGroup>)
  /// Of these APIs.
  case apis([ID<API>], of: ID<APIGroup>, DeploymentEnvironment)
  /// By an authorization's key, of its targets.
  case authorization(ID<Authorization>)
  /// The same: all if it is given an earlier end or another policy, else those of the targets that it loses.
  case narrowedAuthorization(ID<Authorization>, Authorization.Changes)
  /// Of all that a policy limits, if its limits become narrower.
  case limitPolicy(ID<LimitPolicy>, LimitPolicy.Changes)
  /// Of all that a policy limits.
  case limited(by: ID<LimitPolicy>)
  /// Of what a domain is bound to: calls are not counted by their host, so that these are the most it can be.
  case domain(ID<Domain>)

  /// An access mode that is set, of a group or in one of its environments; `nil` there: the group's own from now on.
  package enum NewMode: Sendable {
    case ofGroup(AccessMode)
    case of(DeploymentEnvironment, AccessMode?)
  }
}

extension SubscriptionKey.Changes {
  /// What calls by the key are reached.
  package func reached(of key: ID<SubscriptionKey>) -> ReachedCalls {
    if state == .disabled { return .key(key) }
    guard expiresAt.value != nil || providers.value != nil else { return .none }
    return .narrowedKey(key, until: expiresAt.value, providers: providers.value)
  }
}

extension SubscriptionKey.SecretChanges {
  /// What calls by the secret are reached.
  package func reached(of secret: ID<SubscriptionKey.Secret>, of key: ID<SubscriptionKey>) -> ReachedCalls {
    expiresAt.value.map { .secret(secret, of: key, until: $0) } ?? .none
  }
}

extension APIGroup.Changes {
  /// What calls of the group are reached.
  package func reached(of group: ID<APIGroup>) -> ReachedCalls {
    switch (accessMode, keyHeaders) {
    case (.required, .set), (.required, .clear): .group(group)
    case (let mode?, _) where mode == .required: .unauthorized(group, .ofGroup(mode))
    case (_, .set(let names)): .keyHeaders(group, keeping: names)
    case (_, .clear): .keyHeaders(group, keeping: [])
    default: .none
    }
  }
}

extension APIGroup.EnvironmentChanges {
  /// What calls of the group in the environment are reached.
  package func reached(of group: ID<APIGroup>, _ environment: DeploymentEnvironment) -> ReachedCalls {
    if case .set = limitPolicy { return .target(group, environment) }
    switch accessMode {
    case .set(.required): return .unauthorized(group, .of(environment, .required))
    case .clear: return .unauthorized(group, .of(environment, nil))
    case .set, .keep: return .none
    }
  }
}

extension LimitPolicy.Changes {
  /// Whether calls that a policy lets through may be refused then.
  package func narrows(_ policy: LimitPolicy) -> Bool {
    let (after, kept) = (limits ?? policy.limits, policy.mode == .enforce ? policy.limits : [])
    guard mode ?? policy.mode == .enforce else { return false }
    return after.contains { limit in kept.limit(per: limit.period).map { limit.requests < $0.requests } ?? true }
  }
}
