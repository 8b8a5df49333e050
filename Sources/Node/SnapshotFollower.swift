package import Logging
import Model
package import Postgres
package import Routing
import ServiceLifecycle

/// Keeps the process's snapshot what the database has: loads it, then follows the change feed, woken by notifications
/// and looking for itself besides.
///
/// With the database away it goes on trying, and the last snapshot stays; how old that is, ``SnapshotCell/freshness``
/// tells.
package actor SnapshotFollower: Service {
  /// How a node follows.
  package struct Configuration: Sendable {
    /// How often it looks without being woken: with every notification lost, a change is in force this much later.
    package var pollInterval: Duration
    /// The longest wait before it tries a database again that could not be read.
    package var retryLimit: Duration

    package init(pollInterval: Duration = .milliseconds(500), retryLimit: Duration = .seconds(2)) {
      (self.pollInterval, self.retryLimit) = (pollInterval, retryLimit)
    }
  }

  /// What the console notifies on after a commit.
  package static let channel = "latchkey_changes"

  private let cell: SnapshotCell
  private let configuration: Configuration
  private let feed: SnapshotFeed
  private let listener: PostgresListener
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Moment
  private let hasRead: @Sendable (FollowedReading) -> Void
  private let keeper: SnapshotKeeper?
  private var reading: SnapshotFeed.Reading?

  /// - Parameters:
  ///   - pool: logs in as `latchkey_gateway`; one connection is enough, and with the listener's a node's second.
  ///   - listener: on ``channel``; its events are read here and nowhere else.
  ///   - keeper: is told of each reading, to keep it on disk.
  ///   - clock: measures the waits.
  ///   - now: the time that the snapshot's age is told by, and what leases are counted in.
  ///   - hasRead: called with each reading, once it is published, in their order.
  package init(
    publishing cell: SnapshotCell, from pool: PostgresPool, wokenBy listener: PostgresListener,
    keeper: SnapshotKeeper? = nil, configuration: Configuration = Configuration(), logger: Logger,
    clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Moment = { Moment.now() },
    hasRead: @escaping @Sendable (FollowedReading) -> Void = { _ in }
  ) {
    self.cell = cell
    self.keeper = keeper
    self.configuration = configuration
    (self.hasRead, self.now) = (hasRead, now)
    (self.listener, self.logger, self.clock) = (listener, logger, clock)
    feed = SnapshotFeed(pool: pool, logger: logger)
  }

  /// Reads once, everything or what changed, and publishes it. The first call is what a node starts with.
  ///
  /// - Throws: `PostgresError` when the database cannot be read, `CancellationError`.
  package func refresh() async throws {
    let (former, begun) = (reading, now())
    let latest = try await feed.read(after: former)
    // Another reading may have come first, and then this one is the older.
    guard reading?.position == former?.position else { return }
    reading = latest
    if latest.snapshot !== cell.snapshot { cell.publish(latest.snapshot) }
    cell.freshness.confirm(at: begun.boot)
    let number = keeper?.note(latest, confirmedAt: begun) ?? 0
    hasRead(
      FollowedReading(
        position: latest.position, generation: cell.generation, begun: begun.boot,
        settle: { [keeper] in await keeper?.waitUntilSettled(number) }))
    cell.releaseRetired()
  }

  /// Starts from what was kept on disk: reads on from there, or, with the database away, decides by it as it is.
  ///
  /// - Parameter isAway: whether the database is known to be away; it is then not asked now.
  /// - Throws: as ``refresh()``, when nothing was kept.
  package func start(from stored: SnapshotKeeper.Stored?, databaseIsAway isAway: Bool = false) async throws {
    reading = stored?.reading
    guard let stored else { return try await refresh() }
    do {
      if !isAway { return try await refresh() }
    } catch let error where (error as? PostgresError)?.isUnavailable ?? (error is SnapshotFeed.ServerIsBehind) {
      logger.warning("the database cannot be read", metadata: ["error": "\(error)"])
    }
    cell.publish(stored.reading.snapshot)
    let now = now()
    guard let age = stored.confirmedAt.age(at: now) else {
      return logger.error("the clock was set back, so nothing is decided by the snapshot on disk: its age is not known")
    }
    cell.freshness.confirm(at: now.boot - age)
    logger.notice("started from the snapshot on disk", metadata: ["ageSeconds": "\(age.components.seconds)"])
    if !cell.lease.allowsDecisions { logger.warning("nothing is decided before the node is registered") }
  }

  /// Follows until the graceful shutdown, or cancellation.
  package func run() async throws {
    try? await cancelWhenGracefulShutdown { try await self.follow() }
  }

  private func follow() async throws {
    let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [listener] in for await _ in listener.events { wake.yield() } }
      group.addTask { [clock, configuration] in
        while true {
          wake.yield()
          try await clock.sleep(for: configuration.pollInterval)
        }
      }
      try await refresh(at: wakes)
      group.cancelAll()
    }
  }

  private func refresh(at wakes: AsyncStream<Void>) async throws {
    var failures = 0
    for await _ in wakes {
      do {
        try await refresh()
        if failures > 0 { logger.notice("the snapshot is followed again") }
        failures = 0
      } catch is CancellationError {
        return
      } catch {
        failures += 1
        logger.log(
          level: failures == 1 ? .warning : .debug, "the snapshot cannot be read",
          metadata: ["error": "\(error)", "attempts": "\(failures)"])
        try await clock.sleep(for: delay(after: failures))
      }
    }
  }

  /// Doubles from 50 ms, and is shortened at random so that not all nodes come back at once.
  private func delay(after failures: Int) -> Duration {
    min(configuration.retryLimit, .milliseconds(50) * (1 << min(failures, 16))) * Double.random(in: 0.5...1)
  }
}
