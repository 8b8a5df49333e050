package import Framing
package import Model

/// What becomes of a call.
package enum Decision: Sendable {
  /// With the target that the call's address leads to, if it leads to one, and the secret that the call presented, if it
  /// is somebody's.
  case refuse(Refusal, Target?, SecretDigest?)
  case preflight(Preflight)
  case forward(Route)
}

/// Why a call is refused.
package enum Refusal: Hashable, Sendable {
  /// A checksum-valid secret where none belongs; the head must be neither forwarded nor logged.
  case exposedSecret
  case notDeployed
  /// One answer for every flaw: which one it was is for counters and explanations, never for the caller.
  case unauthenticated(CredentialFlaw)
  case unauthorized(AuthorizationFlaw)
  case noSuchAPI
  /// With what `Allow` says.
  case methodNotAllowed(Methods)

  /// The answer's status.
  package var status: Int {
    switch self {
    case .exposedSecret: 400
    case .unauthenticated: 401
    case .unauthorized: 403
    case .notDeployed, .noSuchAPI: 404
    case .methodNotAllowed: 405
    }
  }
}

/// What is wrong with a call's credential.
package enum CredentialFlaw: String, Hashable, CaseIterable, Sendable {
  case missing
  /// Not a secret as they are issued, or in a header spelled with `_` for `-`.
  case malformed
  /// More than one credential.
  case several
  /// A well-formed secret of no key; also of a deleted one.
  case unknown
  case disabled
  /// The key, or this secret of it.
  case expired
  /// The tenant that the key belongs to is suspended.
  case suspended
}

/// What is wrong with a good key's authorization for a target.
package enum AuthorizationFlaw: String, Hashable, CaseIterable, Sendable {
  case missing
  case expired
}

/// Where a call goes, and as whose.
package struct Route: Sendable {
  package let target: Target
  /// The part of the path that the API sees and the backend gets, of the bytes decided on. Empty when the call's path
  /// ends with the group's prefix: it was matched as `/`, and `/` has to be sent.
  package let apiPath: ByteRange
  package let api: ID<API>
  /// How the call named the group, on which depends whose a browser's cookies are.
  package let form: Addressing.Form
  /// Who calls; nil unless `required` would have admitted the call.
  package let caller: Caller?
  /// What limits all callers of the target together.
  package let limits: PublishedLimits?
  package let verdict: Verdict
  /// What to ask about again while the call goes on.
  package let standing: Standing

  /// The secret that the call presented, if it is somebody's; in an open group, where nobody judges it, only one that
  /// `required` would have admitted it by.
  package var presentedSecret: SecretDigest? {
    guard case .secret(let digest) = standing.credential else { return nil }
    return switch verdict {
    case .admitted: digest
    case .notJudged: caller == nil ? nil : digest
    case .wouldRefuse(let refusal): refusal == .unauthenticated(.unknown) ? nil : digest
    }
  }

  /// The secret that `required` would have admitted the call by; nil without a ``caller``.
  @inline(__always)
  package var admittedBy: SecretDigest? {
    guard caller != nil, case .secret(let digest) = standing.credential else { return nil }
    return digest
  }
}

/// What a forwarded call stands on: its target, the domain that led there, and its credential, good or not.
package struct Standing: Sendable {
  let group: ID<APIGroup>
  let environment: DeploymentEnvironment
  /// Of the host that the call named its group by.
  let domain: ID<Domain>?
  let credential: Credential
}

/// What was found about a forwarded call's credential.
package enum Verdict: Hashable, Sendable {
  /// The group is open.
  case notJudged
  case admitted
  /// The group only observes.
  case wouldRefuse(Refusal)
}

/// The subscription key that a call was admitted by.
package struct Caller: Sendable {
  package let subscription: ID<SubscriptionKey>
  package let tenantSlug: SlugBytes
  /// What the tenant is counted by in this process, until the snapshot is loaded anew.
  package let tenantNumber: UInt32
  /// What limits its calls of the target.
  package let limits: PublishedLimits?

  /// The subscription ID as it is sent to backends, `sub_…`.
  package var subscriptionText: InlineArray<30, UInt8> { subscription.text }
}
