import Metering
import Model
import NIOCore
import Routing

/// What is known of the call in hand, for who counts it and writes it down when it is over. A call begins when all of its
/// head is there, and is over with the last byte of its answer, or with its client's connection.
struct CallRecord {
  /// Whether a call is in hand.
  private(set) var isOpen = false
  private(set) var method = MethodName.other
  private(set) var begun = NIODeadline.uptimeNanoseconds(0)
  /// Of the answer, as the caller is meant to take it; 0 until there is one.
  var status = 0
  /// Why the gateway answers in a backend's place.
  var problem: GatewayProblem?
  /// Heads and bodies, without what frames chunks.
  var bytesIn = 0
  var bytesOut = 0
  /// Where the call's address leads to, if it leads anywhere.
  var target: Target?
  var api: ID<API>?
  /// The key that the call was admitted by.
  var subscription: ID<SubscriptionKey>?
  /// What it is counted as for both its parties; nil while it is nobody's.
  var usage: UsageKey?
  /// How often the call was sent to a backend.
  private(set) var attempts = 0
  /// When it was first.
  private var sent = NIODeadline.uptimeNanoseconds(0)

  mutating func begin(_ method: MethodName, bytesIn: Int, at now: NIODeadline) {
    (isOpen, self.method, begun) = (true, method, now)
    (status, problem, self.bytesIn, bytesOut, attempts) = (0, nil, bytesIn, 0, 0)
    (target, api, subscription, usage) = (nil, nil, nil, nil)
  }

  mutating func isSent(at now: @autoclosure () -> NIODeadline) {
    if attempts == 0 { sent = now() }
    attempts += 1
  }

  /// Where the call is forwarded to, and as whose.
  mutating func isRouted(_ route: Route) {
    (target, api, subscription) = (route.target, route.api, route.caller?.subscription)
  }

  mutating func end() { isOpen = false }

  /// How long a backend had it, until `now`; nil when none was sent it.
  @inline(__always)
  func backendDuration(until now: NIODeadline) -> TimeAmount? { attempts == 0 ? nil : now - sent }
}

extension ExchangeOutcome {
  /// How an answer ended.
  /// - Parameters:
  ///   - status: The answer's; 0 for none.
  ///   - problem: Why the gateway answers in a backend's place.
  ///   - isWhole: Whether all of it was sent.
  static func ofAnswer(_ status: Int, _ problem: GatewayProblem?, isWhole: Bool) -> ExchangeOutcome {
    status == 0 ? .cancelled : isWhole ? ExchangeOutcome(status: status) : problem == nil ? .cancelled : .other
  }

  /// How the backend's part of it ended.
  static func ofBackend(_ status: Int, _ problem: GatewayProblem?, isWhole: Bool) -> ExchangeOutcome {
    switch problem {
    case .backendTooSlow: .timeout
    case .badBackendAnswer: .badAnswer
    case nil: status != 0 && isWhole ? ExchangeOutcome(status: status) : .cancelled
    default: .other
    }
  }
}
