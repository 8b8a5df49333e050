package import Logging
package import Metering
import Model
package import Postgres
import ServiceLifecycle

/// Keeps what the event loops count, some times a second, and tells it to the database, every other second.
///
/// With the database away it waits in the spool. What was told without an answer is told again, under the same number.
package struct UsageKeeper: Service {
  private let log: UsageLog
  private let spool: UsageSpool
  private let pool: PostgresPool
  private let keepingInterval, tellingInterval: Duration
  private let logger: Logger
  private let clock: any Clock<Duration>
  /// Nobody waits for it; but the next reading of changes has to wait for the connection.
  private static let options = TransactionOptions(timeout: .seconds(10))

  /// - Parameters:
  ///   - pool: the follower's, which has one connection.
  ///   - keepingInterval: with the event loops' own interval, how much a crash of the process costs.
  package init(
    _ log: UsageLog, in spool: UsageSpool, to pool: PostgresPool, keepingInterval: Duration = .milliseconds(200),
    tellingInterval: Duration = .seconds(2), logger: Logger, clock: any Clock<Duration> = ContinuousClock()
  ) {
    (self.log, self.spool, self.pool) = (log, spool, pool)
    (self.keepingInterval, self.tellingInterval) = (keepingInterval, tellingInterval)
    (self.logger, self.clock) = (logger, clock)
  }

  /// Works until the graceful shutdown, by which time nothing is served any more, and then once more.
  package func run() async throws {
    await spool.start()
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          while (try? await clock.sleep(for: keepingInterval)) != nil { await keep() }
        }
        group.addTask {
          while (try? await clock.sleep(for: tellingInterval)) != nil { await tell(all: false) }
        }
      }
    }
    await keep()
    // Cancelled by now, perhaps: a task of its own, waited for, has the last word.
    await Task { await tell(all: true) }.value
  }

  /// Keeps all that was counted; what cannot be kept goes back.
  package func keep() async {
    var tables = log.take()
    while let table = tables.popLast() {
      do {
        try await spool.append(table)
        log.recycle(table)
      } catch {
        log.putBack(table)
        logger.warning("usage cannot be kept on disk", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Tells what is kept, up to the first failure.
  ///
  /// - Parameter all: also what had better wait for more of its kind.
  package func tell(all: Bool = true) async {
    do {
      let segments = await spool.take(all: all)
      guard !segments.isEmpty else { return }
      // Nothing is read for a database that is away, which may be for hours.
      try await pool.pipeline(Self.options, Query<Bool>("usage.reach", "SELECT true").only)
      for segment in segments {
        try await segment.forEachBatch { sequence, rows in
          try await pool.pipeline(
            Self.options, settings: ["synchronous_commit": "on"],
            Query.record(rows, by: segment.node, as: sequence).only)
        }
        await spool.remove(segment)
      }
    } catch {
      if !(error is CancellationError) {
        logger.debug("usage cannot be told", metadata: ["error": "\(error)"])
      }
    }
  }
}

extension Query<Bool> {
  /// Tells what was counted; gives whether it was not known yet.
  static func record(_ rows: [UsageRow], by node: ID<GatewayNode>, as sequence: Int64) -> Query {
    let counts = rows.map(\.counts)
    return Query(
      "usage.record",
      """
      SELECT record_usage(\(node.description), \(sequence), \(rows.map { $0.minute * 1_000_000 }),
        \(rows.map(\.provider.description)), \(rows.map(\.key.group.description)),
        \(rows.map(\.key.environment.rawValue)), \(rows.map { $0.key.api?.description ?? "" }),
        \(rows.map { $0.key.secret?.bytes ?? [] }), \(rows.map { $0.subscription?.description ?? "" }),
        \(rows.map(\.key.outcome.kind.rawValue)), \(rows.map { $0.key.outcome.reason?.rawValue ?? "" }),
        \(counts.map { $0.statuses[1] }), \(counts.map { $0.statuses[2] }), \(counts.map { $0.statuses[3] }),
        \(counts.map { $0.statuses[4] }), \(counts.map { $0.statuses[5] }), \(counts.map { $0.statuses[0] }),
        \(counts.map(\.bytesIn)), \(counts.map(\.bytesOut)), \(counts.map(\.duration)), \(counts.map(\.histogram.digits)),
        \(counts.map(\.lastCalled)))
      """)
  }
}
