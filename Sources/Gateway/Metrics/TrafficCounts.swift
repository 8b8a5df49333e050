import NIOCore
import Synchronization

/// What one event loop's requests, and its requests to backends, were and how long they took. Only the loop counts, without
/// a lock, and makes what it counts in at the first of a kind; anybody may read.
final class TrafficCounts: Sendable {
  /// Of one method at one listener, or at backends. Objects in arrays: arrays in place, of what is generic, would have their
  /// types looked up by the runtime for every call.
  private final class Slot: Sendable {
    let active = Atomic<Int>(0)
    private let shared = AtomicLazyReference<OutcomeDurations>()
    /// The same for the loop, which alone looks at it: what is shared would have its type looked up for every call.
    nonisolated(unsafe) private var own: OutcomeDurations?

    var known: OutcomeDurations? { shared.load() }

    /// Call on the loop.
    @inline(__always)
    var durations: OutcomeDurations {
      if let own { return own }
      let made = shared.storeIfNil(OutcomeDurations())
      own = made
      return made
    }
  }

  /// By listener and method.
  private let served = (0..<2 * MethodName.allCases.count).map { _ in Slot() }
  /// By method.
  private let forwarded = MethodName.allCases.map { _ in Slot() }
  private let idleBackendConnections = Atomic<Int>(0)
  private let usedBackendConnections = Atomic<Int>(0)

  private static func slot(_ method: MethodName, _ listener: RequestTally.Listener) -> Int {
    Int(method.rawValue) + (listener == .gateway ? 0 : MethodName.allCases.count)
  }
}

// MARK: On the loop

extension TrafficCounts {
  func begin(_ method: MethodName, on listener: RequestTally.Listener) {
    let slot = served[Self.slot(method, listener)]
    slot.active.store(slot.active.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  /// The request is over.
  func end(
    _ method: MethodName, on listener: RequestTally.Listener, _ outcome: ExchangeOutcome, after duration: TimeAmount
  ) {
    let slot = served[Self.slot(method, listener)]
    slot.active.store(slot.active.load(ordering: .relaxed) &- 1, ordering: .relaxed)
    slot.durations.count(outcome, duration)
  }

  /// The request to a backend is over.
  func endForwarded(_ method: MethodName, _ outcome: ExchangeOutcome, after duration: TimeAmount) {
    forwarded[Int(method.rawValue)].durations.count(outcome, duration)
  }

  func backendConnections(idle: Int, used: Int) {
    idleBackendConnections.store(idle, ordering: .relaxed)
    usedBackendConnections.store(used, ordering: .relaxed)
  }
}

// MARK: For who asks

extension TrafficCounts {
  func active(_ method: MethodName, on listener: RequestTally.Listener) -> Int {
    served[Self.slot(method, listener)].active.load(ordering: .relaxed)
  }

  func served(_ method: MethodName, on listener: RequestTally.Listener) -> OutcomeDurations? {
    served[Self.slot(method, listener)].known
  }

  func forwarded(_ method: MethodName) -> OutcomeDurations? { forwarded[Int(method.rawValue)].known }

  var backendConnections: (idle: Int, used: Int) {
    (idleBackendConnections.load(ordering: .relaxed), usedBackendConnections.load(ordering: .relaxed))
  }
}

/// How long requests of one method took, by their outcome.
final class OutcomeDurations: Sendable {
  private let durations = ExchangeOutcome.all.map { _ in DurationCounts() }

  /// Call on the loop.
  func count(_ outcome: ExchangeOutcome, _ duration: TimeAmount) { durations[outcome.place].count(duration) }

  /// Those of an outcome that there was.
  func durations(_ outcome: ExchangeOutcome) -> DurationCounts? {
    durations[outcome.place].isEmpty ? nil : durations[outcome.place]
  }
}
