package import Model

/// A call that something limits: by whom of what, and by which policies.
package struct LimitedCall: Sendable {
  package let target: LimitedSubject
  /// What limits all callers of the target together.
  package let shared: PublishedLimits?
  /// Who calls.
  package let key: ID<SubscriptionKey>?
  /// What limits the key's calls of the target.
  package let own: PublishedLimits?

  /// nil where nothing limits it.
  package init?(
    provider: ID<Tenant>, group: ID<APIGroup>, environment: DeploymentEnvironment, shared: PublishedLimits?,
    key: ID<SubscriptionKey>?, own: PublishedLimits?
  ) {
    guard shared != nil || own != nil else { return nil }
    target = LimitedSubject(provider: provider, group: group, environment: environment, key: nil)
    (self.shared, self.key, self.own) = (shared, key, own)
  }
}

/// A call that was let through, by which it can be given back.
package struct Admittance: Sendable {
  let own: (allowance: Allowance, taken: Allowance.Taken)?
  let shared: (allowance: Allowance, taken: Allowance.Taken)?

  /// Whether a limit is used up that is only observed.
  package var isBeyond: Bool { own?.taken.isBeyond ?? false || shared?.taken.isBeyond ?? false }

  /// Gives back to quotas what a backend failed.
  package func giveBack() {
    if let own { own.allowance.giveBack(own.taken) }
    if let shared { shared.allowance.giveBack(shared.taken) }
  }
}

/// Why a call is not let through.
package struct LimitRefusal: Sendable {
  package let reason: Allowance.Refused.Reason
  package let retryIn: Duration
}
