package import Logging
import ServiceLifecycle
import Synchronization

/// Listens on channels, on a connection of its own that it opens again whenever it breaks.
///
/// Notifications wake their reader, nothing more: while the connection was away some were lost, so ``Event/connected``
/// asks the reader to look for itself, and when it is slow the oldest are dropped in favour of the newest.
package final class PostgresListener: Service {
  /// What the reader learns.
  package enum Event: Sendable, Hashable {
    /// Listening, for the first time or again: something may have been missed.
    case connected
    case notification(PostgresNotification)
  }

  /// The events, for one reader; they end when ``run()`` does.
  package let events: AsyncStream<Event>

  private let configuration: PostgresConfiguration
  private let channels: [String]
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let backoff = Backoff()
  private let continuation: AsyncStream<Event>.Continuation

  /// - Parameters:
  ///   - configuration: its idle check interval is how often the server is asked for a sign of life.
  ///   - clock: measures the wait between two attempts to connect.
  package init(
    _ configuration: PostgresConfiguration, channels: [String], logger: Logger,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.configuration = configuration
    self.channels = channels
    self.logger = logger
    self.clock = clock
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  /// Listens until the graceful shutdown, or cancellation.
  package func run() async throws {
    defer { continuation.finish() }
    try? await cancelWhenGracefulShutdown { try await self.listen() }
  }

  private func listen() async throws {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await listenOnce { failures = 0 }
      } catch is CancellationError {
        return
      } catch {
        failures += 1
        logger.log(
          level: failures == 1 ? .warning : .debug, "listener is not connected",
          metadata: ["error": "\(error)", "attempts": "\(failures)"])
      }
      var generator = SystemRandomNumberGenerator()
      try await clock.sleep(for: backoff.delay(afterFailures: max(1, failures), using: &generator))
    }
  }

  /// One connection's life; always ends with an error.
  private func listenOnce(_ hasConnected: () -> Void) async throws {
    try await DedicatedConnection.with(
      configuration, notified: { [continuation] in continuation.yield(.notification($0)) }
    ) { connection, ended in
      try await connection.perform(timeout: configuration.patience(statements: 1)) { [channels] session in
        for channel in channels { try session.run(session.listen(to: channel)) }
      }
      hasConnected()
      logger.info("listener is connected")
      continuation.yield(.connected)
      try await ended.waitUntilLost()
    }
  }
}
