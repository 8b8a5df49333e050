import Logging
import Postgres

extension PrivateServer {
  /// Takes every connection that is left to others than superusers, for as long as `body` runs.
  package nonisolated func withoutConnections(_ body: () async throws -> Void) async throws {
    let ordinary = configuration.replacing(user: "latchkey_console")
    try await withThrowingTaskGroup(of: Void.self) { group in
      var isLeft = true
      while isLeft {
        let (outcomes, outcome) = AsyncStream<Bool>.makeStream()
        group.addTask { try await Self.hold(ordinary) { outcome.yield($0) } }
        for await isTaken in outcomes {
          isLeft = isTaken
          break
        }
      }
      try await body()
      group.cancelAll()
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
