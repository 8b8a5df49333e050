package import Model

/// How one limit stands, as far as this node knows.
package struct LimitStanding: Sendable {
  package let period: LimitPeriod
  /// How many requests a window takes.
  package let requests: Int64
  /// How many more the present one takes.
  package let remaining: Int64
  /// How long the present window is.
  package let window: Duration
  /// When the next one begins.
  package let resetsIn: Duration
}

/// How all limits of a subject stand: at most one for each period.
package struct LimitStandings: Sendable {
  private var items = InlineArray<5, LimitStanding>(
    repeating: LimitStanding(period: .second, requests: 0, remaining: 0, window: .zero, resetsIn: .zero))
  package private(set) var count = 0

  package init() {}

  package subscript(index: Int) -> LimitStanding { items[index] }

  mutating func append(_ standing: LimitStanding) {
    items[count] = standing
    count += 1
  }
}
