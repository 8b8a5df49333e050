/// How long to wait before a server that ended is started again: twice as long each time, up to a limit.
package struct RestartBackoff: Sendable {
  package var first = Duration.milliseconds(100)
  package var longest = Duration.seconds(30)
  /// A server that ran this long was well, so that the waiting begins anew.
  package var healthyAfter = Duration.seconds(60)
  private var next: Duration?

  package init() {}

  /// The wait before the next start of a server that has just run for `uptime`.
  mutating func delay(afterRunning uptime: Duration) -> Duration {
    let delay = uptime >= healthyAfter ? first : min(next ?? first, longest)
    next = delay * 2
    return delay
  }
}
