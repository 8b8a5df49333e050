/// What became of a call as far as the gateway is concerned, for the usage of both parties.
package enum CallOutcome: Hashable, Sendable {
  case admitted
  /// Let through where something is only observed: it would have been refused.
  case observed(Reason)
  case refused(Reason)

  package enum Reason: String, CaseIterable, Sendable {
    case credentialMissing
    case credentialMalformed
    case credentialsSeveral
    case keyUnknown
    case keyDisabled
    case keyExpired
    case tenantSuspended
    /// Any of the four before: all that a provider learns of them.
    case keyNotValid
    case notAuthorized
    case authorizationExpired
    case limitExceeded
    /// The database that knows what is left of a limit was away.
    case limitUnavailable
    case noSuchApi
    case methodNotAllowed
    /// A secret where none belongs.
    case secretExposed
    // What nodes keep on disk names a reason by its place here: new ones come last.
    /// Its caller, or its group, had as many calls under way as it may.
    case concurrencyExceeded
    /// Its caller, or its client's address, had as many connections open as it may.
    case connectionsExceeded
  }

  package enum Kind: String, CaseIterable, Sendable {
    case admitted, observed, refused
  }

  package var kind: Kind {
    switch self {
    case .admitted: .admitted
    case .observed: .observed
    case .refused: .refused
    }
  }

  package var reason: Reason? {
    switch self {
    case .admitted: nil
    case .observed(let reason), .refused(let reason): reason
    }
  }
}

extension CallOutcome {
  /// `nil` unless the words are those of an outcome; no reason is any text that is none.
  package init?(kind: String, reason: String) {
    let reason = Reason(rawValue: reason)
    switch (Kind(rawValue: kind), reason) {
    case (.admitted, nil): self = .admitted
    case (.observed, let reason?): self = .observed(reason)
    case (.refused, let reason?): self = .refused(reason)
    default: return nil
    }
  }
}
