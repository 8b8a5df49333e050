package import Model

/// What calls are counted apart by.
package struct UsageKey: Hashable, Sendable {
  package let group: ID<APIGroup>
  package let environment: DeploymentEnvironment
  /// nil where the call came to none.
  package let api: ID<API>?
  /// The secret that the call presented, as far as it is one that somebody has; nil for none.
  package let secret: SecretDigest?
  package let outcome: CallOutcome

  package init(
    group: ID<APIGroup>, environment: DeploymentEnvironment, api: ID<API>?, secret: SecretDigest?, outcome: CallOutcome
  ) {
    (self.group, self.environment, self.api, self.secret, self.outcome) = (group, environment, api, secret, outcome)
  }

  /// By what differs most often first; written out, since the members' own comparisons would be looked up for every call.
  @inline(__always)
  package static func == (left: Self, right: Self) -> Bool {
    left.group.bits == right.group.bits && left.secret?.low == right.secret?.low && left.api?.bits == right.api?.bits
      && left.outcome == right.outcome && left.environment.hashBits == right.environment.hashBits
      && left.secret?.high == right.secret?.high
  }

  /// Of ids and digests, which are spread evenly already, so that hashing costs next to nothing. Nobody chooses them.
  /// It is the same in every process.
  @inline(__always)
  package var slotHash: Int {
    let bits = group.bits ^ (api?.bits ?? 0) &* 3 ^ (secret?.low ?? 0) &* 5
    let folded = UInt64(truncatingIfNeeded: bits) ^ UInt64(truncatingIfNeeded: bits >> 64)
    return Int(truncatingIfNeeded: folded &* 0x9E37_79B9_7F4A_7C15 >> 32) ^ environment.hashBits
  }
}

extension DeploymentEnvironment {
  @inline(__always)
  var hashBits: Int {
    switch self {
    case .test: 0
    case .preview: 1
    case .online: 2
    }
  }
}
