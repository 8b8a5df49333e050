import Logging
import TestPostgres
import Testing

@testable import Postgres

private let logger = Logger(label: "test")
private func sleep(_ seconds: Double) -> Query<Void> { Query("test.sleep", "SELECT pg_sleep(\(seconds))") }
private let one = Query<Int>("test.one", "SELECT 1::int8")

/// Whether `condition` comes true before a deadline far beyond what it should need.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  let deadline: ContinuousClock.Instant = .now + .seconds(20)
  while .now < deadline {
    if try await condition() { return true }
    await Task.yield()
  }
  return false
}

/// How many backends of the current database run `query`'s text.
private func running(_ text: String) -> Query<Int> {
  Query(
    "test.running",
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND strpos(query, \(text)) > 0
    """)
}

@Suite(.database)
struct CancellationTests {
  @Test func neverHitsALaterStatement() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      var cancelled = 0
      for round in 0..<400 {
        let task = Task { try await pool.run(sleep(Double(round % 4) / 1000).affected) }
        // The cancellation comes before, while or after the statement runs.
        for _ in 0..<(round % 40) { await Task.yield() }
        task.cancel()
        do { _ = try await task.value } catch is CancellationError { cancelled += 1 }
        #expect(try await pool.only(one) == 1)
      }
      #expect(cancelled > 0)
    }
  }

  @Test func breaksOffPipelinesToo() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      for round in 0..<100 {
        let task = Task { try await pool.pipeline(one.only, sleep(0).affected, sleep(10).affected, one.only) }
        for _ in 0..<(round * 3) { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(try await pool.only(one) == 1)
      }
    }
  }

  @Test func endsTheStatementOnTheServer() async throws {
    let database = TestDatabase.current
    try await database.withPool { pool async throws in
      let task = Task { try await pool.execute(sleep(600)) }
      let hasStarted = try await eventually { try await pool.only(running("pg_sleep")) == 1 }
      #expect(hasStarted)
      let start = ContinuousClock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(.now - start < .seconds(5))
      let hasEnded = try await eventually { try await pool.only(running("pg_sleep")) == 0 }
      #expect(hasEnded)
    }
  }

  @Test func rollsBackACancelledTransaction() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      try await pool.execute(Query<Void>("test.table", "CREATE TABLE t (id int8)"))
      let (started, starting) = AsyncStream<Void>.makeStream()
      let task = Task {
        try await pool.transaction { tx in
          try await tx.execute(Query<Void>("test.insert", "INSERT INTO t VALUES (1)"))
          starting.yield()
          try await tx.execute(sleep(600))
        }
      }
      for await _ in started { break }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await pool.only(Query<Int>("test.count", "SELECT count(*) FROM t")) == 0)
    }
  }

  @Test func theServerEndsAStatementThatTakesTooLong() async throws {
    let configuration = TestDatabase.current.configuration
    var hasty = configuration
    hasty.statementTimeout = .milliseconds(50)
    try await PostgresPool.withPool(hasty, logger: logger) { pool async throws in
      let error = await #expect(throws: PostgresError.self) { try await pool.execute(sleep(600)) }
      #expect(error?.isStatementTimeout == true)
      #expect(error?.isUnavailable == true)
      #expect(error?.query == "test.sleep")
      // One transaction may have more patience.
      try await pool.pipeline(TransactionOptions(timeout: .seconds(30)), sleep(0.1).affected)
    }
  }
}

struct PausedServerTests {
  @Test func aPausedServerDoesNotHoldItsCallers() async throws {
    let server = try await PrivateServer.start()
    var configuration = server.configuration
    configuration.maximumConnections = 2
    configuration.statementTimeout = .seconds(1)
    configuration.responseGrace = .seconds(1)
    configuration.waitDeadline = .seconds(5)
    try await PostgresPool.withPool(configuration, logger: logger) { pool async throws in
      #expect(try await pool.only(one) == 1)
      try await server.pause()
      let start = ContinuousClock.now
      let late = await #expect(throws: PostgresError.self) { try await pool.only(one) }
      #expect(late?.code == .deadlineExceeded)
      #expect(late?.query == "test.one")
      let away = await #expect(throws: PostgresError.self) { try await pool.only(one) }
      #expect(away?.isUnavailable == true)
      let cancelled = Task { try await pool.only(one) }
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
      #expect(.now - start < .seconds(30))
      try await server.resume()
      let isBack = await eventually { (try? await pool.only(one)) == 1 }
      #expect(isBack)
    }
    await server.remove()
  }

  @Test func aCancelledCallerOfAPausedServerDoesNotWait() async throws {
    let server = try await PrivateServer.start()
    var configuration = server.configuration
    configuration.responseGrace = .seconds(60)
    try await PostgresPool.withPool(configuration, logger: logger) { pool async throws in
      #expect(try await pool.only(one) == 1)
      try await server.pause()
      let task = Task { try await pool.only(one) }
      for _ in 0..<1000 { await Task.yield() }
      let start = ContinuousClock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(.now - start < .seconds(30))
      try await server.resume()
      let isBack = await eventually { (try? await pool.only(one)) == 1 }
      #expect(isBack)
    }
    await server.remove()
  }
}
