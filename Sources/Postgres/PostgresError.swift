/// What went wrong between us and the database.
///
/// It never holds a bound value: of what the server says only the SQLSTATE and names from the schema are kept, since
/// its messages, details and contexts quote values (`invalid input syntax for type integer: "…"`).
package struct PostgresError: Error, Sendable, Equatable {
  /// The kind of failure.
  package enum Code: String, Sendable {
    /// The connection string cannot be understood.
    case configuration
    /// No connection could be opened.
    case connectionFailed
    /// A connection broke while it was in use.
    case connectionLost
    /// No connection of the pool came free before the wait deadline.
    case poolTimeout
    /// The pool has been shut down.
    case poolClosed
    /// The server did not answer in time, its own statement timeout and our grace included; the connection is dropped.
    case deadlineExceeded
    /// The server refused the statement; see ``PostgresError/server``.
    case server
    /// A row was expected and there was none.
    case noRows
    /// A column is not what the query's decoder asked for.
    case decoding
    /// A value cannot be sent: text with a NUL, a date beyond the server's range.
    case invalidParameter
    /// Two statements share a name: a mistake in the program.
    case statementMismatch
    /// A transaction was used after its end: a mistake in the program.
    case transactionEnded
    /// Migrations cannot be applied as they are.
    case migration
    /// The answer was not one that the statement can have (`COPY`, transaction control inside a transaction).
    case protocolViolation
  }

  /// What the server tells of an error, less everything that may quote a value.
  package struct ServerReport: Sendable, Equatable {
    /// The five characters of the standard, such as `23505`.
    package let sqlState: String
    package let schema: String?
    package let table: String?
    package let column: String?
    package let constraint: String?

    /// The SQLSTATE's name in the server's `errcodes.txt`, or of its class, or the code itself.
    package var condition: String { Condition.name(of: sqlState) }
  }

  package let code: Code
  /// The name of the statement that failed, if it was one.
  package let query: String?
  package let server: ServerReport?
  /// Constant words and names that say more; never a value.
  package let detail: String?
  /// Whether a `COMMIT` was under way, so that nobody knows if it counts.
  package var isOutcomeUnknown = false

  package init(_ code: Code, query: String? = nil, server: ServerReport? = nil, detail: String? = nil) {
    self.code = code
    self.query = query
    self.server = server
    self.detail = detail
  }
}

extension PostgresError {
  /// The server's code, if the server refused.
  package var sqlState: String? { server?.sqlState }
  /// The violated constraint, if one was.
  package var constraint: String? { server?.constraint }
  package var isUniqueViolation: Bool { sqlState == "23505" }
  package var isForeignKeyViolation: Bool { sqlState == "23503" }
  package var isCheckViolation: Bool { sqlState == "23514" }
  /// The transaction lost a race and may succeed when tried again: a serialization failure or a deadlock.
  package var isSerializationFailure: Bool { sqlState == "40001" || sqlState == "40P01" }
  /// The server cancelled the statement, as a rule because of `statement_timeout`.
  package var isStatementTimeout: Bool { sqlState == "57014" }

  /// The database cannot be used now; later it may.
  package var isUnavailable: Bool {
    switch code {
    case .connectionFailed, .connectionLost, .poolTimeout, .poolClosed, .deadlineExceeded: true
    default:
      sqlState.map { $0.hasPrefix("08") || $0.hasPrefix("53") || PostgresError.unavailable.contains($0) } ?? false
    }
  }

  /// Besides what it has not enough of (connections, memory, disk): shutdowns and crashes of the server, recovery, a
  /// standby that takes no writes, a disk that fails, a statement that took too long.
  private static let unavailable: Set = ["57P01", "57P02", "57P03", "57P05", "25006", "58030", "57014"]
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    var parts = [code.rawValue]
    if let query { parts.append("in \(query)") }
    if let server {
      parts.append("\(server.sqlState) \(server.condition)")
      if let constraint = server.constraint { parts.append("constraint \(constraint)") }
      if let table = server.table { parts.append("table \(table)") }
      if let column = server.column { parts.append("column \(column)") }
    }
    if let detail { parts.append(detail) }
    if isOutcomeUnknown { parts.append("the commit may or may not have happened") }
    return parts.joined(separator: ": ")
  }
}
