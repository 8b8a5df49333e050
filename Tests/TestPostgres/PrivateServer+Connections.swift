import Logging
import Postgres

extension PrivateServer {
  /// Takes every connection that is left to others than superusers, for as long as `body` runs.
  ///
  /// - Parameter cutting: takes those that the product's processes have as well.
  package nonisolated func withoutConnections(cutting: Bool = false, _ body: () async throws -> Void) async throws {
    let ordinary = configuration.replacing(user: "latchkey_console").replacing(applicationName: "holder")
    try await withThrowingTaskGroup(of: Void.self) { group in
      var isCut = false
      while !isCut {
        if cutting { try await cutProductOff() }
        var isLeft = true
        while isLeft {
          let (outcomes, outcome) = AsyncStream<Bool>.makeStream()
          group.addTask { try await Self.hold(ordinary) { outcome.yield($0) } }
          for await isTaken in outcomes {
            isLeft = isTaken
            break
          }
        }
        if cutting { isCut = try await !hasProduct() } else { isCut = true }
      }
      try await body()
      group.cancelAll()
    }
  }

  private nonisolated func cutProductOff() async throws {
    try await SQLScript(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'latchkey %'"
    ).run(on: configuration)
  }

  /// Whether a process of the product has come back before its connection was taken.
  private nonisolated func hasProduct() async throws -> Bool {
    try await PostgresPool.withPool(configuration, logger: Logger(label: "test")) { pool in
      try await pool.only(
        Query<Bool>(
          "test.product",
          "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'latchkey %')"))
    }
  }

  /// Holds one connection until it is cancelled, and says whether there was one to be had.
  private static func hold(_ login: PostgresConfiguration, _ tell: @Sendable (Bool) -> Void) async throws {
    do {
      try await PostgresPool.withPool(login, logger: Logger(label: "test")) { pool in
        try await pool.transaction { transaction in
          try await transaction.execute(Query<Void>("test.hold", "SELECT 1"))
          tell(true)
          let (never, continuation) = AsyncStream<Never>.makeStream()
          for await _ in never {}
          withExtendedLifetime(continuation) {}
        }
      }
    } catch let error as PostgresError where error.isUnavailable {
      tell(false)
    } catch is CancellationError {}
  }
}
