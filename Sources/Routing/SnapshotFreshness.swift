import Synchronization

/// How long ago the snapshot was known to be what the database has.
package final class SnapshotFreshness: Sendable {
  private static let never = Int64.min

  private let maximumAge: Duration
  private let confirmed = Atomic<Int64>(never)

  init(maximumAge: Duration) {
    self.maximumAge = maximumAge
  }

  /// When that was; nil before the first load.
  package var confirmedAt: UnixTime? {
    let microseconds = confirmed.load(ordering: .relaxed)
    return microseconds == Self.never ? nil : UnixTime(microseconds: microseconds)
  }

  /// The snapshot's age; nil before the first load.
  package func age(at now: UnixTime) -> Duration? {
    confirmedAt?.duration(to: now)
  }

  /// Whether calls may be decided by the snapshot: false before the first load and past the maximum age, when every
  /// one is answered 503.
  package func isServable(at now: UnixTime) -> Bool {
    age(at: now).map { $0 <= maximumAge } ?? false
  }

  /// Says that at `now` the published snapshot was no older than the database.
  package func confirm(at now: UnixTime) {
    confirmed.store(now.microseconds, ordering: .relaxed)
  }
}
