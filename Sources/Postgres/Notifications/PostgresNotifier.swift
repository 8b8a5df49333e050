package import Logging
import ServiceLifecycle
import Synchronization

/// Sends notifications, coalesced, on a connection of its own: a `NOTIFY` inside a transaction would make commits wait
/// for each other.
///
/// Asked for after a commit, it sends soon; what is asked for again before it is sent, is sent once. While the database
/// is away it keeps what is pending and tries again.
package final class PostgresNotifier: Service {
  private let pool: PostgresPool
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let backoff = Backoff()
  private let pending = Mutex<Set<String>>([])
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation

  /// - Parameter clock: measures the wait between two attempts.
  package init(
    _ configuration: PostgresConfiguration, logger: Logger, clock: any Clock<Duration> = ContinuousClock()
  ) {
    var configuration = configuration
    configuration.maximumConnections = 1
    pool = PostgresPool(configuration, name: "notifier", logger: logger)
    self.logger = logger
    self.clock = clock
    (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Asks for a notification on `channel`. Returns at once.
  package func notify(_ channel: String) {
    let isNew = pending.withLock { $0.insert(channel).inserted }
    if isNew { wakeup.yield() }
  }

  /// Sends what is asked for until the graceful shutdown, or cancellation; what is pending then is still tried once.
  package func run() async throws {
    try? await cancelWhenGracefulShutdown { try await self.sendUntilCancelled() }
    wakeup.finish()
    // Cancelled by now: a task of its own, waited for, has the last word.
    await Task { _ = await self.send() }.value
    await pool.close()
  }

  private func sendUntilCancelled() async throws {
    var failures = 0
    for await _ in wakeups {
      while !(await send()) {
        failures += 1
        var generator = SystemRandomNumberGenerator()
        try await clock.sleep(for: backoff.delay(afterFailures: failures, using: &generator))
      }
      failures = 0
    }
  }

  /// - Returns: whether nothing is left to send.
  private func send() async -> Bool {
    let channels = pending.withLock { pending in
      defer { pending = [] }
      return pending
    }
    guard !channels.isEmpty else { return true }
    do {
      try await pool.execute(Self.notification(channels.sorted()))
      return true
    } catch {
      pending.withLock { $0.formUnion(channels) }
      logger.debug("notifications are delayed", metadata: ["error": "\(error)"])
      return false
    }
  }

  private static func notification(_ channels: [String]) -> Query<Void> {
    Query("postgres.notify", "SELECT pg_notify(channel, '') FROM unnest(\(channels)) AS channel")
  }
}
