import Model

/// How fast requests come, so as to ask for more before there is none left.
struct Pace: Sendable {
  private var since = BootTime.distantPast
  private var count: Int64 = 0
  /// Requests a second, as they came of late.
  private(set) var rate: Double = 0

  /// How long it looks at before it believes what it sees, in nanoseconds.
  private static let span: Int64 = 50_000_000

  mutating func count(at now: BootTime) {
    count += 1
    guard since > .distantPast else { return (since, count) = (now, 0) }
    let elapsed = now.nanoseconds - since.nanoseconds
    guard elapsed >= Self.span else { return }
    rate = Double(count) / Double(elapsed) * 1e9
    (since, count) = (now, 0)
  }

  /// How many are to be expected within so many seconds.
  func expected(within seconds: Double) -> Int64 { Int64((rate * seconds).rounded(.up)) }
}
