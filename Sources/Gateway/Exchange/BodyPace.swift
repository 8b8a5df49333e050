import NIOCore

/// How slowly a request's body may come: each byte buys the client some time, up to the longest pause.
///
/// A pause alone would not do: a byte within each would hold a connection to the backend for ever, and all connections
/// to it are few enough for one client.
struct BodyPace: Sendable {
  private let longestPause: TimeAmount
  private let perByte: TimeAmount
  /// When more of the body must have arrived.
  private(set) var deadline: NIODeadline

  /// - Parameter bytesPerSecond: 1 to 10⁹.
  init(bytesPerSecond: Int, longestPause: TimeAmount, now: NIODeadline) {
    self.longestPause = longestPause
    perByte = .nanoseconds(1_000_000_000 / Int64(bytesPerSecond))
    deadline = now + longestPause
  }

  /// Counts `bytes` that have arrived by `now`.
  mutating func took(_ bytes: Int, now: NIODeadline) {
    // More than this are worth the longest pause anyway.
    let counted = min(Int64(bytes), longestPause.nanoseconds / perByte.nanoseconds + 1)
    deadline = min(deadline + perByte * counted, now + longestPause)
  }

  /// Lets the client begin anew, which was kept waiting itself.
  mutating func restart(now: NIODeadline) { deadline = now + longestPause }
}
