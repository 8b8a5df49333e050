import Synchronization

/// How long the node may count on its lease: kept by one, and looked at by every event loop before each decision.
///
/// The database tells whoever changed something that a node without a lease refuses, if it is one that does. So such a
/// node asks the clock itself, after the call has arrived: an answer that is some milliseconds old could be one that was
/// given before the process was stopped for a minute.
package final class ServingLease: Sendable {
  /// What a node does that could not renew its lease.
  package enum WithoutLease: String, CaseIterable, Sendable {
    /// It goes on by what it knows: available, and perhaps not fresh.
    case serve
    /// It answers 503: fresh, and perhaps not available.
    case refuse
  }

  package let withoutLease: WithoutLease
  private let expiry = Atomic<Int64>(.min)
  private let now: @Sendable () -> BootTime

  /// A lease that is not held yet.
  /// - Parameter now: what it is held against.
  package init(
    withoutLease: WithoutLease = .serve, now: @escaping @Sendable () -> BootTime = { BootTime.now() }
  ) {
    (self.withoutLease, self.now) = (withoutLease, now)
  }

  /// Whether calls may be decided now.
  @inline(__always)
  package var allowsDecisions: Bool { withoutLease == .serve || isHeld }

  package var isHeld: Bool { now().nanoseconds < expiry.load(ordering: .acquiring) }

  /// How much of the lease is left; zero without one.
  package var remaining: Duration {
    max(.zero, now().duration(to: BootTime(nanoseconds: max(0, expiry.load(ordering: .acquiring)))))
  }

  /// Says that the lease lasts until `expiry`, and that what is in force was read within it.
  package func extend(until expiry: BootTime) {
    self.expiry.store(expiry.nanoseconds, ordering: .releasing)
  }
}
