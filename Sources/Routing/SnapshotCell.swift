import Synchronization

/// Where a process keeps its current snapshot, published by one and read by every event loop.
///
/// A loop reads through a ``SnapshotReader`` of its own, which costs a look at one atomic counter; only after a
/// publication does it take a lock, once.
package final class SnapshotCell: Sendable {
  /// How many snapshots were published when this one was.
  package typealias Generation = UInt64

  package let freshness: SnapshotFreshness
  package let lease: ServingLease
  fileprivate let onSwap: @Sendable (Duration) -> Void
  private let latest = Atomic<Generation>(0)
  private let state = Mutex(State())

  private struct State {
    var snapshot = Snapshot.empty
    var generation: Generation = 0
    var readers: [ObjectIdentifier: Registration] = [:]
    /// Snapshots that were replaced: kept so that a loop never is the last to let go of one, which takes time.
    var retired: [(generation: Generation, snapshot: Snapshot)] = []
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0

    /// The generation that every reader has, or a later one.
    var inForce: Generation { readers.values.map(\.generation).min() ?? generation }

    /// Takes out those whose waiting is over.
    mutating func takeSatisfied() -> [Waiter] {
      guard !waiters.isEmpty else { return [] }
      let reached = inForce
      let satisfied = waiters.filter { $0.value.generation <= reached }
      for number in satisfied.keys { waiters[number] = nil }
      return Array(satisfied.values)
    }
  }

  private struct Registration {
    var generation: Generation
    let wake: @Sendable () -> Void
  }

  private struct Waiter {
    let generation: Generation
    let continuation: CheckedContinuation<Void, Never>
  }

  /// - Parameters:
  ///   - maximumAge: How old the snapshot may be before nothing is served from it.
  ///   - lease: What else it takes to serve from it. By its clock the age is told too.
  ///   - onSwap: Told by each event loop, on that loop, how long it was kept from its calls by a new snapshot.
  package init(
    maximumAge: Duration = .seconds(24 * 3600), lease: ServingLease = ServingLease(),
    onSwap: @escaping @Sendable (Duration) -> Void = { _ in }
  ) {
    freshness = SnapshotFreshness(maximumAge: maximumAge)
    self.lease = lease
    self.onSwap = onSwap
  }

  /// Whether calls may be decided by the snapshot now: it is not too old, and the lease allows it.
  ///
  /// Receipts count on both. So the clock is asked each time, after the call has arrived: an answer that is some
  /// milliseconds old could be one that was given before the process was stopped for a minute, or for a day.
  package var allowsDecisions: Bool {
    let now = lease.now()
    return freshness.isServable(at: now) && lease.allowsDecisions(at: now)
  }

  /// The snapshot published last, for who is no event loop.
  package var snapshot: Snapshot { state.withLock { $0.snapshot } }

  /// The generation published last.
  package var generation: Generation { state.withLock { $0.generation } }

  /// A reader for one event loop. It counts as one that has to swap for as long as it exists.
  /// - Parameter wake: Called on any thread after each publication; it has the loop call `refresh()`.
  package func makeReader(wake: @escaping @Sendable () -> Void) -> SnapshotReader {
    state.withLock { state in
      let reader = SnapshotReader(of: self, state.snapshot, state.generation)
      state.readers[ObjectIdentifier(reader)] = Registration(generation: state.generation, wake: wake)
      return reader
    }
  }

  /// Replaces the snapshot and wakes all readers.
  /// - Returns: What ``waitUntilInForce(_:)`` takes.
  @discardableResult
  package func publish(_ snapshot: Snapshot) -> Generation {
    let (generation, wakes) = state.withLock { state in
      state.retired.append((state.generation, state.snapshot))
      state.snapshot = snapshot
      state.generation += 1
      latest.store(state.generation, ordering: .releasing)
      return (state.generation, state.readers.values.map(\.wake))
    }
    for wake in wakes { wake() }
    return generation
  }

  /// Lets go of the snapshots that no reader has any more. To be called now and then, on no event loop.
  package func releaseRetired() {
    let released = state.withLock { state in
      let inForce = state.inForce
      let released = state.retired.filter { $0.generation < inForce }
      state.retired.removeAll { $0.generation < inForce }
      return released
    }
    _ = consume released
  }

  /// Returns once every reader decides by this generation or a later one, or when the task is cancelled.
  package func waitUntilInForce(_ generation: Generation) async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.inForce >= generation || Task.isCancelled { return true }
          state.waiters[number] = Waiter(generation: generation, continuation: continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
    }
  }
}

extension SnapshotCell {
  /// Whether a reader at `generation` is behind.
  @inline(__always)
  fileprivate func isBehind(_ generation: Generation) -> Bool {
    latest.load(ordering: .acquiring) != generation
  }

  fileprivate var current: (Snapshot, Generation) {
    state.withLock { ($0.snapshot, $0.generation) }
  }

  /// Says that the reader decides by this generation and has let go of the one before.
  fileprivate func confirm(_ reader: ObjectIdentifier, at generation: Generation) {
    let satisfied = state.withLock { state in
      state.readers[reader]?.generation = generation
      return state.takeSatisfied()
    }
    for waiter in satisfied { waiter.continuation.resume() }
  }

  fileprivate func remove(_ reader: ObjectIdentifier) {
    let satisfied = state.withLock { state in
      state.readers[reader] = nil
      return state.takeSatisfied()
    }
    for waiter in satisfied { waiter.continuation.resume() }
  }
}

/// An event loop's own reference to the current snapshot. It belongs to its loop and is not to be shared.
package final class SnapshotReader {
  private let cell: SnapshotCell
  private var held: Snapshot
  /// Which of all snapshots ``snapshot`` was, when it was last asked for.
  package private(set) var generation: SnapshotCell.Generation

  fileprivate init(of cell: SnapshotCell, _ snapshot: Snapshot, _ generation: SnapshotCell.Generation) {
    self.cell = cell
    (held, self.generation) = (snapshot, generation)
  }

  deinit {
    cell.remove(ObjectIdentifier(self))
  }

  /// The snapshot to decide by now.
  @inline(__always)
  package var snapshot: Snapshot {
    if cell.isBehind(generation) { refresh() }
    return held
  }

  /// Swaps if there is a newer snapshot, so that it is in force here also while no calls come.
  package func refresh() {
    guard cell.isBehind(generation) else { return }
    let start = ContinuousClock.now
    // What was held is let go of before that is said, and so never the last time, here on the loop.
    (held, generation) = cell.current
    cell.confirm(ObjectIdentifier(self), at: generation)
    cell.onSwap(ContinuousClock.now - start)
  }
}
