import Synchronization

/// How many requests one event loop has answered. Only the loop counts, so that an increment is a load and a store of
/// memory that no other thread writes; anybody may read.
final class RequestCounts: Sendable {
  private let counts = InlineArray<10, Atomic<Int>> { _ in Atomic(0) }

  /// Call on the loop.
  @inline(__always)
  func count(_ status: Int, on listener: RequestTally.Listener) {
    let slot = Self.slot(status / 100, listener)
    counts[slot].store(counts[slot].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  func count(of statusClass: Int, on listener: RequestTally.Listener) -> Int {
    counts[Self.slot(statusClass, listener)].load(ordering: .relaxed)
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

  private let loops = Mutex<[RequestCounts]>([])

  package init() {}

  /// The counts of one more event loop.
  func makeCounts() -> RequestCounts {
    let counts = RequestCounts()
    loops.withLock { $0.append(counts) }
    return counts
  }

  /// - Parameter statusClass: 1 to 5.
  package func count(of statusClass: Int, on listener: Listener) -> Int {
    loops.withLock { $0 }.reduce(0) { $0 + $1.count(of: statusClass, on: listener) }
  }
}
