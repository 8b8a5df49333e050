package import Model

/// How one limit stands, as far as this node knows.
package struct LimitStanding: Sendable {
  package let period: LimitPeriod
  /// How many requests a window takes.
  package let requests: Int64
  /// How many more the present one takes.
  package let remaining: Int64
  /// How long the present window is.
  package let windowSeconds: Int64
  /// When the next one begins, a begun second for a whole.
  package let secondsLeft: Int64
}

/// How all limits of a subject stand: at most one for each period, and none where it has no limits.
package struct LimitStandings: Sendable {
  private var items = InlineArray<5, LimitStanding>(
    repeating: LimitStanding(period: .second, requests: 0, remaining: 0, windowSeconds: 0, secondsLeft: 0))
  package private(set) var count = 0

  package init() {}

  package subscript(index: Int) -> LimitStanding { items[index] }

  mutating func append(_ standing: LimitStanding) {
    items[count] = standing
    count += 1
  }

  mutating func removeAll() { count = 0 }
}

/// How the limits of a call stand.
package struct CallStandings: Sendable {
  /// Of the key's own calls of the target.
  package var own = LimitStandings()
  /// Of all callers of the target together.
  package var shared = LimitStandings()

  package init() {}

  package var count: Int { own.count + shared.count }

  package mutating func removeAll() {
    own.removeAll()
    shared.removeAll()
  }
}
