package import Model

/// A window of a limit as the ledger tells it, on this node's own clock.
package struct LentWindow: Hashable, Sendable {
  /// By which the ledger knows it again: its beginning in the database's time, in microseconds since 1970.
  package let start: Int64
  /// How long it is in all.
  package let seconds: Int64
  /// Until when it certainly goes on.
  package let usableUntil: BootTime
  /// From when on it is certainly over.
  package let endsAt: BootTime

  /// - Parameters:
  ///   - remaining: how long it went on when the database looked at its clock, which was between these moments.
  package init(start: Int64, length: Duration, remaining: Duration, askedAt: BootTime, answeredAt: BootTime) {
    (self.start, seconds) = (start, length.components.seconds)
    usableUntil = askedAt + remaining
    endsAt = answeredAt + remaining
  }
}
