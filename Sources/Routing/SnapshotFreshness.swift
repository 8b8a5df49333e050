package import Model
import Synchronization

/// How long ago the snapshot was known to be what the database has, in boot time: a wall clock that is set back makes
/// nothing younger.
package final class SnapshotFreshness: Sendable {
  private static let never = Int64.min

  private let maximumAge: Duration
  private let confirmed = Atomic<Int64>(never)

  init(maximumAge: Duration) {
    self.maximumAge = maximumAge
  }

  /// When that was, maybe before the machine was started; nil before the first load.
  package var confirmedAt: BootTime? {
    let nanoseconds = confirmed.load(ordering: .relaxed)
    return nanoseconds == Self.never ? nil : BootTime(nanoseconds: nanoseconds)
  }

  /// The snapshot's age; nil before the first load.
  package func age(at now: BootTime) -> Duration? {
    confirmedAt?.duration(to: now)
  }

  /// Whether calls may be decided by the snapshot: false before the first load and past the maximum age, when every
  /// one is answered 503.
  package func isServable(at now: BootTime) -> Bool {
    age(at: now).map { $0 <= maximumAge } ?? false
  }

  /// Says that at `now` the published snapshot was no older than the database.
  package func confirm(at now: BootTime) {
    confirmed.store(now.nanoseconds, ordering: .relaxed)
  }
}
