/// A query together with what is wanted of its rows: `query.all`, `.first`, `.only`, `.affected`, `.fold(into:_:)`.
package struct Statement<Result: Sendable>: Sendable {
  /// The query's name.
  package let name: String
  let sql: SQL
  /// Whether rows are taken from the server one by one, not as a whole.
  let isStreamed: Bool
  let collect: @Sendable (inout RowReader) throws -> Result
}

/// What runs statements: the pool, each in a transaction of its own, or a ``Transaction``.
package protocol StatementRunner: Sendable {
  /// Runs one statement and collects its result.
  ///
  /// - Throws: ``PostgresError``, `CancellationError`, or what the query's decoder throws.
  func run<Result: Sendable>(_ statement: Statement<Result>) async throws -> Result
}

extension StatementRunner {
  /// Every row of `query`.
  package func all<Output>(_ query: Query<Output>) async throws -> [Output] { try await run(query.all) }

  /// The first row of `query`, or nil.
  package func first<Output>(_ query: Query<Output>) async throws -> Output? { try await run(query.first) }

  /// The first row of `query`; ``PostgresError/Code-swift.enum/noRows`` when there is none.
  package func only<Output>(_ query: Query<Output>) async throws -> Output { try await run(query.only) }

  /// Runs `query` for its effect: how many rows it inserted, updated, deleted or returned.
  @discardableResult
  package func execute<Output>(_ query: Query<Output>) async throws -> Int { try await run(query.affected) }
}
