import Model

/// How fast requests come, so as to ask for more before there is none left.
struct Pace: Sendable {
  private var since = BootTime.distantPast
  private var count: Int64 = 0
  /// Requests a second, as they came of late.
  private(set) var rate: Double = 0

  /// How long it looks at before it believes what it sees.
  private static let span = Duration.milliseconds(50)

  mutating func count(at now: BootTime) {
    count += 1
    let elapsed = since == .distantPast ? Self.span + Self.span : since.duration(to: now)
    guard elapsed >= Self.span else { return }
    rate = since == .distantPast ? 0 : Double(count) / elapsed.inSeconds
    (since, count) = (now, 0)
  }

  /// How many are to be expected within `duration`.
  func expected(within duration: Duration) -> Int64 { Int64((rate * duration.inSeconds).rounded(.up)) }
}

extension Duration {
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
