package import Logging
import Model
package import Postgres
package import Routing
import ServiceLifecycle

/// Writes down when secrets were used last, some times a minute.
///
/// With the database away what is to be written waits, bounded, for the next time.
package struct SecretUseWriter: Service {
  /// How many uses one statement writes: as many as keep the node's connection for some milliseconds.
  static let batchSize = 1_000
  /// What was used may be written a little later, and is lost with a crash of the server: that is no reason to wait.
  private static let options = TransactionOptions(timeout: .seconds(5))

  private let log: SecretUseLog
  private let pool: PostgresPool
  private let interval: Duration
  private let logger: Logger
  private let clock: any Clock<Duration>

  /// - Parameters:
  ///   - pool: the follower's, which has one connection.
  ///   - interval: between two times. With the event loops' own interval it must stay below a minute.
  package init(
    _ log: SecretUseLog, in pool: PostgresPool, interval: Duration = .seconds(15), logger: Logger,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    (self.log, self.pool, self.interval) = (log, pool, interval)
    (self.logger, self.clock) = (logger, clock)
  }

  /// Writes until the graceful shutdown, by which time nothing is served any more, and then once more.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await clock.sleep(for: interval)
        if !Task.isCancelled { await write() }
      }
    }
    await write()
  }

  /// Writes all that is in the log; what cannot be written goes back into it.
  package func write() async {
    var rest = log.take()[...]
    do {
      while !rest.isEmpty {
        try await write(rest.prefix(Self.batchSize))
        rest = rest.dropFirst(Self.batchSize)
      }
    } catch {
      log.add(Array(rest))
      if !(error is CancellationError) {
        logger.debug("the last use of secrets cannot be written", metadata: ["error": "\(error)"])
      }
    }
  }

  private func write(_ uses: some Collection<SecretUses.Use>) async throws {
    _ = try await pool.pipeline(
      Self.options, settings: ["synchronous_commit": "off"], Query.writeUses(uses).affected)
  }
}

extension Query<Void> {
  /// Notes when secrets were used last, unless a later use of theirs is known. Locks in one order, so that no two nodes
  /// wait for each other.
  fileprivate static func writeUses(_ uses: some Collection<SecretUses.Use>) -> Query {
    Query(
      "secret_use.write",
      """
      WITH used AS (
        SELECT s.tenant_id, s.id, t.at
        FROM unnest(\(uses.map(\.secret.bytes)), \(uses.map(\.at.microseconds))) AS u (digest, microseconds)
        CROSS JOIN LATERAL (SELECT 'epoch'::timestamptz + u.microseconds * interval '1 microsecond') AS t (at)
        JOIN subscription_secrets s ON s.digest = u.digest
        WHERE s.last_used_at IS NULL OR s.last_used_at < t.at
        ORDER BY s.digest
        FOR NO KEY UPDATE OF s
      )
      UPDATE subscription_secrets s
      SET last_used_at = used.at
      FROM used
      WHERE s.tenant_id = used.tenant_id AND s.id = used.id
      """)
  }
}
