import NIOCore
import Synchronization

/// What one event loop's requests, and its requests to backends, were and how long they took. Only the loop counts, without
/// a lock, and makes what it counts in at the first of a kind; anybody may read.
final class TrafficCounts: Sendable {
  private typealias Reference = AtomicLazyReference<OutcomeDurations>

  /// By listener and method.
  private let served = InlineArray<22, Reference> { _ in Reference() }
  private let active = InlineArray<22, Atomic<Int>> { _ in Atomic(0) }
  /// By method.
  private let forwarded = InlineArray<11, Reference> { _ in Reference() }
  private let idleBackendConnections = Atomic<Int>(0)
  private let usedBackendConnections = Atomic<Int>(0)

  private static func slot(_ method: MethodName, _ listener: RequestTally.Listener) -> Int {
    Int(method.rawValue) + (listener == .gateway ? 0 : MethodName.allCases.count)
  }

  private static func durations(_ references: borrowing Reference) -> OutcomeDurations {
    if let known = references.load() { return known }
    return references.storeIfNil(OutcomeDurations())
  }
}

// MARK: On the loop

extension TrafficCounts {
  func begin(_ method: MethodName, on listener: RequestTally.Listener) {
    let slot = Self.slot(method, listener)
    active[slot].store(active[slot].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  /// The request is over.
  func end(
    _ method: MethodName, on listener: RequestTally.Listener, _ outcome: ExchangeOutcome, after duration: TimeAmount
  ) {
    let slot = Self.slot(method, listener)
    active[slot].store(active[slot].load(ordering: .relaxed) &- 1, ordering: .relaxed)
    Self.durations(served[slot]).count(outcome, duration)
  }

  /// The request to a backend is over.
  func endForwarded(_ method: MethodName, _ outcome: ExchangeOutcome, after duration: TimeAmount) {
    Self.durations(forwarded[Int(method.rawValue)]).count(outcome, duration)
  }

  func backendConnections(idle: Int, used: Int) {
    idleBackendConnections.store(idle, ordering: .relaxed)
    usedBackendConnections.store(used, ordering: .relaxed)
  }
}

// MARK: For who asks

extension TrafficCounts {
  func active(_ method: MethodName, on listener: RequestTally.Listener) -> Int {
    active[Self.slot(method, listener)].load(ordering: .relaxed)
  }

  func served(_ method: MethodName, on listener: RequestTally.Listener) -> OutcomeDurations? {
    served[Self.slot(method, listener)].load()
  }

  func forwarded(_ method: MethodName) -> OutcomeDurations? { forwarded[Int(method.rawValue)].load() }

  var backendConnections: (idle: Int, used: Int) {
    (idleBackendConnections.load(ordering: .relaxed), usedBackendConnections.load(ordering: .relaxed))
  }
}

/// How long requests of one method took, by their outcome.
final class OutcomeDurations: Sendable {
  private let durations = InlineArray<67, AtomicLazyReference<DurationCounts>> { _ in AtomicLazyReference() }

  /// Call on the loop.
  func count(_ outcome: ExchangeOutcome, _ duration: TimeAmount) {
    if let known = durations[outcome.place].load() { return known.count(duration) }
    durations[outcome.place].storeIfNil(DurationCounts()).count(duration)
  }

  func durations(_ outcome: ExchangeOutcome) -> DurationCounts? { durations[outcome.place].load() }
}
