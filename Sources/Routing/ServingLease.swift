import Synchronization

/// How long the node may count on its lease: kept by one, and looked at by every event loop before each decision.
///
/// The database tells whoever changed something that a node without a lease refuses, if it is one that does.
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
  /// What it is held against.
  package let now: @Sendable () -> BootTime

  /// A lease that is not held yet.
  /// - Parameter now: what it is held against.
  package init(
    withoutLease: WithoutLease = .serve, now: @escaping @Sendable () -> BootTime = { BootTime.now() }
  ) {
    (self.withoutLease, self.now) = (withoutLease, now)
  }

  /// Whether calls may be decided at `now`.
  @inline(__always)
  package func allowsDecisions(at now: BootTime) -> Bool { withoutLease == .serve || isHeld(at: now) }

  package var allowsDecisions: Bool { allowsDecisions(at: now()) }

  package var isHeld: Bool { isHeld(at: now()) }

  private func isHeld(at now: BootTime) -> Bool { now.nanoseconds < expiry.load(ordering: .acquiring) }

  /// How much of the lease is left; zero without one.
  package var remaining: Duration {
    max(.zero, now().duration(to: BootTime(nanoseconds: max(0, expiry.load(ordering: .acquiring)))))
  }

  /// Says that the lease lasts until `expiry`, and that what is in force was read within it.
  package func extend(until expiry: BootTime) {
    self.expiry.store(expiry.nanoseconds, ordering: .releasing)
  }
}
