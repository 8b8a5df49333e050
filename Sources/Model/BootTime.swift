#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A point in time since the machine was started, the time that it slept included: what leases and ages are counted
/// in, since a machine that was suspended must not believe that no time has passed, and one whose wall clock is set back
/// neither.
package struct BootTime: Hashable, Comparable, Sendable {
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Before every other, and after it.
  package static let distantPast = BootTime(nanoseconds: .min)
  package static let distantFuture = BootTime(nanoseconds: .max)

  /// Now, at the cost of one look at the kernel's clock page.
  package static func now() -> BootTime {
    var time = timespec()
    #if os(Linux)
      clock_gettime(CLOCK_BOOTTIME, &time)
    #else
      // Goes on during sleep on Apple's systems.
      clock_gettime(CLOCK_MONOTONIC_RAW, &time)
    #endif
    return BootTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  package static func + (time: Self, duration: Duration) -> Self {
    let (seconds, attoseconds) = duration.components
    return BootTime(nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  package static func - (time: Self, duration: Duration) -> Self {
    time + (.zero - duration)
  }

  /// How long before `other` this is; negative when it is later.
  package func duration(to other: BootTime) -> Duration {
    .nanoseconds(other.nanoseconds - nanoseconds)
  }
}
