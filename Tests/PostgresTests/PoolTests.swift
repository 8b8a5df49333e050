import Logging
import ServiceLifecycle
import Synchronization
import TestPostgres
import Testing

@testable import Postgres

private let logger = Logger(label: "test")
private let one = Query<Int>("test.one", "SELECT 1::int8")
private let pid = Query<Int>("test.pid", "SELECT pg_backend_pid()")

@Suite(.database)
struct PoolTests {
  private let configuration = TestDatabase.current.configuration

  @Test func refusesWhoWaitsTooLong() async throws {
    var configuration = configuration
    configuration.maximumConnections = 1
    configuration.waitDeadline = .seconds(3)
    let clock = ManualClock()
    let pool = PostgresPool(configuration, logger: logger, clock: clock)
    try await pool.transaction { tx in
      try await tx.execute(one)
      let waiter = Task { try await pool.only(one) }
      let isWaiting = await eventually { clock.sleepers == 1 }
      #expect(isWaiting)
      clock.advance(by: .milliseconds(2999))
      #expect(pool.state.withLock { $0.machine.counts.waiting } == 1)
      clock.advance(by: .milliseconds(1))
      let error = await #expect(throws: PostgresError.self) { try await waiter.value }
      #expect(error?.code == .poolTimeout)
      #expect(error?.isUnavailable == true)
    }
    #expect(try await pool.only(one) == 1)
    await pool.close()
  }

  @Test func aCancelledWaiterLeavesTheQueue() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      try await pool.transaction { tx in
        try await tx.execute(one)
        let waiter = Task { try await pool.only(one) }
        let isWaiting = await eventually { pool.state.withLock { $0.machine.counts.waiting } == 1 }
        #expect(isWaiting)
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(pool.state.withLock { $0.machine.counts.waiting } == 0)
      }
      #expect(try await pool.only(one) == 1)
    }
  }

  @Test func servesManyMoreCallersThanConnections() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 3) { pool async throws in
      let pids = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<300 { group.addTask { try await pool.only(pid) } }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect((1...3).contains(pids.count))
    }
  }

  @Test func replacesAConnectionThatTheServerEnded() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 2) { pool async throws in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.transaction { tx in
          let victim = try await tx.only(pid)
          try await pool.execute(Query<Void>("test.terminate", "SELECT pg_terminate_backend(\(victim)::int)"))
          try await tx.execute(one)
        }
      }
      #expect(error?.isUnavailable == true)
      for _ in 0..<4 { #expect(try await pool.only(one) == 1) }
    }
  }

  @Test func refusesAnotherTextUnderTheSameName() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      #expect(try await pool.only(Query<Int>("test.same", "SELECT \(1)")) == 1)
      let text = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<Int>("test.same", "SELECT \(2) + 1"))
      }
      #expect(text == PostgresError(.statementMismatch, query: "test.same"))
      let type = await #expect(throws: PostgresError.self) {
        try await pool.only(Query<Int>("test.same", "SELECT \(Int32(2))"))
      }
      #expect(type?.code == .statementMismatch)
      let pipelined = await #expect(throws: PostgresError.self) {
        try await pool.pipeline(
          Query<Int>("test.twice", "SELECT \(1)").only, Query<Int>("test.twice", "SELECT \(1) + 1").only)
      }
      #expect(pipelined?.code == .statementMismatch)
      #expect(try await pool.only(Query<Int>("test.same", "SELECT \(3)")) == 3)
    }
  }

  @Test func goesOnAfterAStatementThatCannotBePrepared() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      for _ in 0..<2 {
        let error = await #expect(throws: PostgresError.self) {
          try await pool.only(Query<Int>("test.missing", "SELECT id FROM not_there"))
        }
        #expect(error?.server?.condition == "undefined_table")
      }
      try await pool.execute(Query<Void>("test.create", "CREATE TABLE not_there (id int8)"))
      #expect(try await pool.all(Query<Int>("test.missing", "SELECT id FROM not_there")).isEmpty)
    }
  }

  @Test func survivesAChangedResultType() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let columns = Query<Int>("test.columns", "SELECT t.* FROM t") { $0.columnCount }
      try await SQLScript("CREATE TABLE t AS SELECT 1 AS a").run(on: configuration)
      #expect(try await pool.only(columns) == 1)
      try await SQLScript("ALTER TABLE t ADD b int").run(on: configuration)
      _ = try? await pool.only(columns)
      #expect(try await pool.only(columns) == 2)
    }
  }

  @Test func closesWhenTheWorkIsDone() async throws {
    let pool = PostgresPool(configuration, logger: logger)
    let group = ServiceGroup(services: [pool], gracefulShutdownSignals: [], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await pool.transaction { tx in
        try await tx.execute(one)
        await group.triggerGracefulShutdown()
        let isClosing = await eventually { (try? await pool.only(one)) == nil }
        #expect(isClosing)
        #expect(try await tx.only(one) == 1)
      }
      try await tasks.waitForAll()
    }
    let error = await #expect(throws: PostgresError.self) { try await pool.only(one) }
    #expect(error?.code == .poolClosed)
  }

  @Test func checksAndRetiresIdleConnections() async throws {
    var configuration = configuration
    configuration.idleCheckInterval = .milliseconds(10)
    configuration.idleLifetime = .milliseconds(100)
    try await PostgresPool.withPool(configuration, logger: logger) { pool async throws in
      #expect(try await pool.only(one) == 1)
      let isRetired = await eventually { pool.state.withLock { $0.threads.isEmpty } }
      #expect(isRetired)
      #expect(try await pool.only(one) == 1)
    }
  }
}

struct ServerRestartTests {
  @Test func recoversAfterTheServerWasAway() async throws {
    let server = try await PrivateServer.start()
    var configuration = server.configuration
    configuration.waitDeadline = .seconds(5)
    try await PostgresPool.withPool(configuration, logger: logger) { pool async throws in
      #expect(try await pool.only(one) == 1)
      await server.stop()
      let lost = await #expect(throws: PostgresError.self) {
        for _ in 0..<10 { _ = try await pool.only(one) }
      }
      #expect(lost?.isUnavailable == true)
      let away = await #expect(throws: PostgresError.self) { try await pool.only(one) }
      #expect(away?.code == .connectionFailed)
      try await server.start()
      let isBack = await eventually { (try? await pool.only(one)) == 1 }
      #expect(isBack)
    }
    await server.remove()
  }
}
