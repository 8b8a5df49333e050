import NIOCore

/// How slowly a request's body may come: each byte buys the client some time, up to the longest pause.
///
/// A pause alone would not do: a byte within each would hold a connection to the backend for ever, and all connections
/// to it are few enough for one client.
struct BodyPace: Sendable {
  private let longestPause: TimeAmount
  /// What is allowed of it to this body.
  private var pause: TimeAmount
  private let perByte: TimeAmount
  /// When more of the body must have arrived.
  private(set) var deadline: NIODeadline

  /// - Parameter bytesPerSecond: 1 to 10⁹.
  init(bytesPerSecond: Int, longestPause: TimeAmount, now: NIODeadline) {
    (self.longestPause, pause) = (longestPause, longestPause)
    perByte = .nanoseconds(1_000_000_000 / Int64(bytesPerSecond))
    deadline = now + longestPause
  }

  /// A body begins to be waited for.
  mutating func begin(now: NIODeadline) {
    pause = longestPause
    restart(now: now)
  }

  /// Counts `bytes` that have arrived by `now`.
  mutating func took(_ bytes: Int, now: NIODeadline) {
    // More than this are worth the longest pause anyway.
    let counted = min(Int64(bytes), pause.nanoseconds / perByte.nanoseconds + 1)
    deadline = min(deadline + perByte * counted, now + pause)
  }

  /// Allows this body no longer pause from now on, as if it had been so from its beginning.
  mutating func hurry(longestPause shorter: TimeAmount) {
    guard shorter < pause else { return }
    deadline = deadline - (pause - shorter)
    pause = shorter
  }

  /// Lets the client begin anew, which was kept waiting itself.
  mutating func restart(now: NIODeadline) { deadline = now + pause }
}
