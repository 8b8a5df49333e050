/// How long to wait before the next attempt: doubling from `base` to `limit`, and shortened at random by up to a half,
/// so that many clients of one server do not come back all at once.
struct Backoff: Sendable {
  var base: Duration = .milliseconds(50)
  var limit: Duration = .seconds(1)

  /// - Parameter failures: how many attempts have failed in a row; none means no wait.
  func delay(afterFailures failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    guard failures > 0 else { return .zero }
    let full = min(limit, base * (1 << min(failures - 1, 20)))
    return full * Double.random(in: 0.5...1, using: &generator)
  }
}
