import Metering
import Model
import NIOCore
import Routing

/// How a connection's calls are counted for the usage of both parties: from the decision on, once each has ended.
extension ClientConnection {
  /// The call in hand is one of the route's.
  @inline(__always)
  func meter(_ route: Route, as outcome: CallOutcome) {
    call.usage = UsageKey(
      group: route.target.group, environment: route.target.environment, api: route.api, secret: route.presentedSecret,
      outcome: outcome)
  }

  /// The call in hand is refused; one that leads to no group is nobody's.
  func meter(_ refusal: Refusal, _ target: Target?, _ secret: SecretDigest?) {
    guard let target, let reason = refusal.reason else { return }
    call.usage = UsageKey(
      group: target.group, environment: target.environment, api: nil, secret: secret, outcome: .refused(reason))
  }

  /// The call in hand is over.
  ///
  /// One that was refused is counted behind its answer: how long that takes depends on whose key it was, and is not to be
  /// told to the client. Of a check no bytes are counted: what the other proxy forwards by it is not seen here.
  @inline(__always)
  func meter(after duration: TimeAmount) {
    guard let usage = call.usage, let target = call.target else { return }
    let isCheck = role == .internal
    let metered = MeteredCall(
      usage, of: target.tenant, by: call.subscription, status: call.status, bytesIn: isCheck ? 0 : call.bytesIn,
      bytesOut: isCheck ? 0 : call.bytesOut, duration: duration.nanoseconds / 1000)
    guard case .refused = usage.outcome else { return loop.count(metered) }
    meterLate()
    lateMetered = metered
  }

  @inline(__always)
  func meterLate() {
    guard let call = lateMetered else { return }
    loop.count(call)
    lateMetered = nil
  }
}

extension Route {
  /// What is counted of a call that goes on.
  @inline(__always)
  func outcome(isBeyondLimit: Bool) -> CallOutcome {
    if case .wouldRefuse(let refusal) = verdict, let reason = refusal.reason { return .observed(reason) }
    return isBeyondLimit ? .observed(.limitExceeded) : .admitted
  }
}

extension Refusal {
  /// What usage calls it; nil where a call leads to no group.
  var reason: CallOutcome.Reason? {
    switch self {
    case .exposedSecret: .secretExposed
    case .notDeployed: nil
    case .unauthenticated(let flaw): flaw.reason
    case .unauthorized(.missing): .notAuthorized
    case .unauthorized(.expired): .authorizationExpired
    case .noSuchAPI: .noSuchApi
    case .methodNotAllowed: .methodNotAllowed
    }
  }
}

extension CredentialFlaw {
  fileprivate var reason: CallOutcome.Reason {
    switch self {
    case .missing: .credentialMissing
    case .malformed: .credentialMalformed
    case .several: .credentialsSeveral
    case .unknown: .keyUnknown
    case .disabled: .keyDisabled
    case .expired: .keyExpired
    case .suspended: .tenantSuspended
    }
  }
}

extension Allowance.Refused.Reason {
  /// What usage calls it.
  var ofCalls: CallOutcome.Reason {
    switch self {
    case .usedUp: .limitExceeded
    case .unknowable: .limitUnavailable
    }
  }
}

extension UnixTime {
  /// When its minute began, in seconds since 1970.
  var minute: Int64 { microseconds / 60_000_000 * 60 }
}
