import Logging
import Model
import Node
import Postgres
import Routing
import ServiceLifecycle
import TestPostgres

/// A node under test: what it publishes, and a pool of the superuser's to change the database with.
struct TestNode: Sendable {
  /// The time that the snapshot is confirmed at.
  static let now = Moment(
    wall: UnixTime(microseconds: 1_750_000_000_000_000), boot: BootTime(nanoseconds: 1_000_000_000), bootID: "first")

  let cell = SnapshotCell()
  let database: PostgresPool
  /// The node's own.
  let pool: PostgresPool
  let listener: PostgresListener
  let follower: SnapshotFollower

  private init(
    _ configuration: PostgresConfiguration, database: PostgresPool, pool: PostgresPool, pollInterval: Duration
  ) {
    (self.database, self.pool) = (database, pool)
    let logger = Logger(label: "test")
    listener = PostgresListener(
      configuration.replacing(user: "latchkey_gateway"), channels: [SnapshotFollower.channel], logger: logger)
    follower = SnapshotFollower(
      publishing: cell, from: pool, wokenBy: listener,
      configuration: SnapshotFollower.Configuration(pollInterval: pollInterval), logger: logger, now: { TestNode.now })
  }

  /// Lends a node that does nothing by itself, on the test's own database or another.
  static func with(
    _ database: TestDatabase? = nil, pollInterval: Duration = .seconds(3600), _ body: (TestNode) async throws -> Void
  ) async throws {
    let test = database ?? TestDatabase.current
    try await test.withPool(maximumConnections: 8) { database in
      try await test.withPool(user: "latchkey_gateway", maximumConnections: 1) { pool in
        try await body(TestNode(test.configuration, database: database, pool: pool, pollInterval: pollInterval))
      }
    }
  }

  /// What the node decides by after one more reading.
  func refreshed() async throws -> Snapshot {
    try await follower.refresh()
    return cell.snapshot
  }

  /// Lets the node follow by itself while `body` runs.
  func following(_ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      group.addTask { try await follower.run() }
      try await body()
      group.cancelAll()
    }
  }

  /// Waits until what is published satisfies `condition`; the suite's time limit ends a wait in vain.
  func waitUntil(_ condition: (Snapshot) throws -> Bool) async throws {
    let (publications, publication) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let reader = cell.makeReader { publication.yield() }
    publication.yield()
    for await _ in publications where try condition(cell.snapshot) { break }
    withExtendedLifetime(reader) {}
  }

  /// Wakes nodes as the console does after a commit.
  func notify() async throws {
    try await database.execute(Query<Void>("test.notify", "SELECT pg_notify('latchkey_changes', '')"))
  }
}
