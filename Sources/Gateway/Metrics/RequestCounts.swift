import Routing
import Synchronization

/// How many requests one event loop has answered. Only the loop counts, so that an increment is a load and a store of
/// memory that no other thread writes; anybody may read.
final class RequestCounts: Sendable {
  private let counts = InlineArray<10, Atomic<Int>> { _ in Atomic(0) }
  private let observed = InlineArray<6, Atomic<Int>> { _ in Atomic(0) }
  private let turnWaits = Atomic(0)
  private let beyondShares = InlineArray<3, Atomic<Int>> { _ in Atomic(0) }
  /// What they were, and how long they took.
  let traffic = TrafficCounts()

  /// Call on the loop.
  @inline(__always)
  func count(_ status: Int, on listener: RequestTally.Listener) {
    let slot = Self.slot(status / 100, listener)
    counts[slot].store(counts[slot].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  func count(of statusClass: Int, on listener: RequestTally.Listener) -> Int {
    counts[Self.slot(statusClass, listener)].load(ordering: .relaxed)
  }

  /// Counts a call that only observing lets through. Call on the loop.
  @inline(__always)
  func count(_ verdict: Verdict, on listener: RequestTally.Listener) {
    guard case .wouldRefuse(let refusal) = verdict else { return }
    countObserved(refusal.status, listener)
  }

  /// Counts a call beyond a limit that is only observed. Call on the loop.
  func countBeyond(on listener: RequestTally.Listener) {
    countObserved(RequestTally.ObservedStatus.tooManyRequests.rawValue, listener)
  }

  /// Counts a call that has to wait for its turn. Call on the loop.
  func countWaitForTurn() { turnWaits.store(turnWaits.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

  /// Counts a call that is refused because of what is under way or open already. Call on the loop.
  func countBeyond(_ share: RequestTally.Share) {
    let count = beyondShares[share.rawValue].load(ordering: .relaxed)
    beyondShares[share.rawValue].store(count &+ 1, ordering: .relaxed)
  }

  func beyond(_ share: RequestTally.Share) -> Int { beyondShares[share.rawValue].load(ordering: .relaxed) }

  var waitsForTurn: Int { turnWaits.load(ordering: .relaxed) }

  @inline(__always)
  private func countObserved(_ status: Int, _ listener: RequestTally.Listener) {
    let slot = Self.observedSlot(status, listener)
    observed[slot].store(observed[slot].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  func countObserved(_ status: RequestTally.ObservedStatus, on listener: RequestTally.Listener) -> Int {
    observed[Self.observedSlot(status.rawValue, listener)].load(ordering: .relaxed)
  }

  @inline(__always)
  private static func observedSlot(_ status: Int, _ listener: RequestTally.Listener) -> Int {
    let kind =
      switch RequestTally.ObservedStatus(rawValue: status) {
      case .unauthorized: 1
      case .tooManyRequests: 2
      case .unauthenticated, nil: 0
      }
    return kind + (listener == .gateway ? 0 : 3)
  }

  @inline(__always)
  private static func slot(_ statusClass: Int, _ listener: RequestTally.Listener) -> Int {
    min(max(statusClass, 1), 5) - 1 + (listener == .gateway ? 0 : 5)
  }
}

/// How many requests a gateway has answered, by status class.
package final class RequestTally: Sendable {
  /// Where a request arrived.
  package enum Listener: String, CaseIterable, Sendable {
    case gateway
    /// A check, of what another proxy will forward.
    case check
  }

  /// What a call that only observing let through would have been answered.
  package enum ObservedStatus: Int, CaseIterable, Sendable {
    case unauthenticated = 401
    case unauthorized = 403
    /// Over a limit that is only observed.
    case tooManyRequests = 429
  }

  /// What a node has for everybody, and nobody may have too much of.
  package enum Share: Int, CaseIterable, Sendable {
    /// Calls under way, of one caller.
    case caller
    /// Calls under way, of one group.
    case group
    /// Clients' connections.
    case connections
  }

  private let loops = Mutex<[RequestCounts]>([])

  package init() {}

  /// The counts of one more event loop.
  func makeCounts() -> RequestCounts {
    let counts = RequestCounts()
    loops.withLock { $0.append(counts) }
    return counts
  }

  /// Of each loop.
  var traffic: [TrafficCounts] { loops.withLock { $0.map(\.traffic) } }

  /// - Parameter statusClass: 1 to 5.
  package func count(of statusClass: Int, on listener: Listener) -> Int {
    loops.withLock { $0 }.reduce(0) { $0 + $1.count(of: statusClass, on: listener) }
  }

  /// How many calls waited for their turn, because their caller asked much at once.
  package var waitsForTurn: Int { loops.withLock { $0 }.reduce(0) { $0 + $1.waitsForTurn } }

  /// How many calls were refused since there was too much of that already.
  package func beyond(_ share: Share) -> Int { loops.withLock { $0 }.reduce(0) { $0 + $1.beyond(share) } }

  /// How many calls of groups that only observe would have been refused otherwise.
  package func countObserved(_ status: ObservedStatus, on listener: Listener) -> Int {
    loops.withLock { $0 }.reduce(0) { $0 + $1.countObserved(status, on: listener) }
  }
}
