package import Model
import Synchronization

/// How long the node may count on its lease: kept by one, and looked at by every event loop before each decision.
///
/// The database tells whoever changed something that a node without a lease refuses, if it is one that does. Of one that
/// goes on it tells the name, for as long as it has to reckon with it; after that, and before it has ever heard of the
/// node, that one refuses too.
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
  private let service: Atomic<Int64>
  /// What it is held against.
  package let now: @Sendable () -> BootTime

  /// A lease that is not held yet.
  /// - Parameters:
  ///   - servesUntil: until when a node that goes on without a lease may do so before it has had one.
  ///   - now: what it is held against.
  package init(
    withoutLease: WithoutLease = .serve, servesUntil: BootTime = .distantFuture,
    now: @escaping @Sendable () -> BootTime = { BootTime.now() }
  ) {
    (self.withoutLease, self.now) = (withoutLease, now)
    service = Atomic(servesUntil.nanoseconds)
  }

  /// Whether calls may be decided at `now`.
  @inline(__always)
  package func allowsDecisions(at now: BootTime) -> Bool {
    switch withoutLease {
    case .serve: now.nanoseconds < service.load(ordering: .acquiring)
    case .refuse: isHeld(at: now)
    }
  }

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

  /// Says until when receipts list the node, lease or not, as long as it confirms nothing: it may go on until then.
  package func serve(until end: BootTime) {
    service.store(end.nanoseconds, ordering: .releasing)
  }
}
