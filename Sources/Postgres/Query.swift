/// One SQL statement, by name, and how one row of its result becomes a value.
///
/// The name (`subscription_key.find_by_digest`) is also that of the prepared statement, the log entry and the metric.
/// Two queries of one name must have the same text and parameter types; a connection that sees otherwise refuses the
/// second with ``PostgresError/Code-swift.enum/statementMismatch``.
package struct Query<Output: Sendable>: Sendable {
  /// The dotted name, at most 63 bytes (the server's limit for a prepared statement's name).
  package let name: String
  let sql: SQL
  let decode: @Sendable (inout Row) throws -> Output

  /// - Parameter decode: reads one row. It runs on the connection's own thread; what it throws reaches the caller.
  package init(_ name: StaticString, _ sql: SQL, decode: @escaping @Sendable (inout Row) throws -> Output) {
    precondition((1...63).contains(name.utf8CodeUnitCount), "a query's name has 1 to 63 bytes")
    self.name = name.description
    self.sql = sql
    self.decode = decode
  }

  /// The same query under a name of its own, as one of several texts that it can have needs it.
  ///
  /// - Parameter variant: what tells the text from the others', behind the name: `….list.state_text`; nothing for none.
  package func variant(_ variant: [StaticString]) -> Query {
    guard !variant.isEmpty else { return self }
    let name = name + "." + variant.map(\.description).joined(separator: "_")
    precondition(name.utf8.count <= 63, "a query's name has 1 to 63 bytes")
    return Query(named: name, sql, decode: decode)
  }

  private init(named name: String, _ sql: SQL, decode: @escaping @Sendable (inout Row) throws -> Output) {
    (self.name, self.sql, self.decode) = (name, sql, decode)
  }

  /// A query whose rows have one column.
  package init(_ name: StaticString, _ sql: SQL) where Output: PostgresDecodable {
    self.init(name, sql) { row in try row.next() }
  }

  /// A statement whose rows, if any, are not looked at.
  package init(_ name: StaticString, _ sql: SQL) where Output == Void {
    self.init(name, sql) { _ in }
  }
}

extension Query {
  /// Every row, in order.
  package var all: Statement<[Output]> {
    statement { rows in
      var outputs: [Output] = []
      while let output = try rows.next(decode) { outputs.append(output) }
      return outputs
    }
  }

  /// The first row, or nil when there is none.
  package var first: Statement<Output?> {
    statement { rows in try rows.next(decode) }
  }

  /// The first row; ``PostgresError/Code-swift.enum/noRows`` when there is none.
  package var only: Statement<Output> {
    statement { [name] rows in
      guard let output = try rows.next(decode) else { throw PostgresError(.noRows, query: name) }
      return output
    }
  }

  /// How many rows the statement inserted, updated, deleted or returned; they are not decoded.
  package var affected: Statement<Int> {
    statement { rows in try rows.countAffected() }
  }

  /// Every row, folded into `initial` as it arrives, so that a large result is never held as a whole.
  ///
  /// - Parameter body: reads one row into the accumulator, in place of the query's decoder, on the connection's thread.
  package func fold<Accumulator: Sendable>(
    into initial: Accumulator, _ body: @escaping @Sendable (inout Accumulator, inout Row) throws -> Void
  ) -> Statement<Accumulator> {
    Statement(name: name, sql: sql, isStreamed: true) { rows in
      var accumulator = initial
      while try rows.next({ row in try body(&accumulator, &row) }) != nil {}
      return accumulator
    }
  }

  private func statement<Result: Sendable>(
    _ collect: @escaping @Sendable (inout RowReader) throws -> Result
  ) -> Statement<Result> {
    Statement(name: name, sql: sql, isStreamed: false, collect: collect)
  }
}
