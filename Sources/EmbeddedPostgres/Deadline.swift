import Glibc

/// A moment until which a thread of ours looks again and again whether something has come true.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(_ patience: Duration) {
    end = .now + patience
  }

  /// Looks every few milliseconds. Blocks.
  /// - Returns: Whether it came true in time.
  func wait(until isTrue: () -> Bool) -> Bool {
    while !isTrue() {
      if ContinuousClock.now >= end { return false }
      usleep(5_000)
    }
    return true
  }
}
