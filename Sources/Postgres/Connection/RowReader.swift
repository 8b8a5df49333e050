import CLibPQ

/// The answers to one statement, read in the order they arrive.
struct RowReader: ~Copyable {
  private let session: Session
  private let query: String
  private var result: OpaquePointer?
  private var index: Int32 = 0
  private var affected = 0
  private var isComplete = false

  init(session: Session, query: String) {
    self.session = session
    self.query = query
  }

  deinit { PQclear(result) }

  /// Decodes the next row; nil after the last one.
  mutating func next<Output>(_ decode: (inout Row) throws -> Output) throws -> Output? {
    while !isComplete {
      if let result, index < PQntuples(result) {
        defer { index += 1 }
        var row = Row(of: result, at: index, query: query)
        return try decode(&row)
      }
      try advance()
    }
    return nil
  }

  /// Reads to the end, and counts the rows changed or returned.
  mutating func countAffected() throws -> Int {
    try finish()
    return affected
  }

  /// Passes over what nobody has read, so that the next answer is the next statement's.
  mutating func finish() throws {
    while !isComplete { try advance() }
  }

  /// Takes the next result from the server; throws the error that it may be.
  private mutating func advance() throws {
    PQclear(result)
    result = nil
    index = 0
    guard let next = try session.nextResult() else {
      isComplete = true
      session.completeFirstExpectation()
      return
    }
    result = next
    switch PQresultStatus(next) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
      affected += PQcmdTuples(next).flatMap { Int(String(cString: $0)) } ?? 0
    case PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: break
    case PGRES_PIPELINE_ABORTED: throw SkippedStatement()
    default: throw session.failure(in: next, query: query)
    }
  }
}

/// A statement that the server did not look at, because one before it in the pipeline failed.
struct SkippedStatement: Error {}
