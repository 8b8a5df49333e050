/// A point in time: microseconds since 1970-01-01 UTC, the resolution of PostgreSQL's `timestamptz`.
package struct UnixTime: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// After every other: what never expires, expires then.
  package static let distantFuture = UnixTime(microseconds: .max)

  package static func < (left: Self, right: Self) -> Bool {
    left.microseconds < right.microseconds
  }

  /// How long before `other` this is; negative when it is later.
  package func duration(to other: UnixTime) -> Duration {
    .microseconds(other.microseconds - microseconds)
  }
}
