import CLibPQ
import Metrics

extension Session {
  /// Sends what `body` sends, collects what it collects, and leaves the connection with nothing outstanding.
  ///
  /// - Throws: `CancellationError`, ``PostgresError``, or what a decoder throws. After a cancellation the statement has
  ///   been cancelled on the server and its answer taken, or the connection is out of use.
  func exchange<Value>(_ body: (Session) throws -> Value) throws -> Value {
    guard isUsable else { throw lost() }
    if let interruption, interruption.isCancelled { throw CancellationError() }
    do {
      return try settling { try body(self) }
    } catch BreakOff.cancelled {
      cancelOutstanding()
      throw CancellationError()
    } catch BreakOff.deadline {
      defer { discard() }
      throw PostgresError(.deadlineExceeded, query: expected.lazy.compactMap(\.query).first)
    }
  }

  /// One statement, one round trip.
  func answer<Result>(to statement: Statement<Result>) throws -> Result {
    try send(statement)
    try sync()
    return try collect(statement)
  }

  /// Collects the answer to the statement sent first of those not answered yet.
  func collect<Result>(_ statement: Statement<Result>) throws -> Result {
    let start = ContinuousClock.now
    try completePreparation()
    if statement.isStreamed { PQsetSingleRowMode(connection) }
    var rows = RowReader(session: self, query: statement.name)
    let result = try statement.collect(&rows)
    try rows.finish()
    timer(statement.name).record(duration: .now - start)
    return result
  }

  /// Takes all outstanding answers.
  ///
  /// - Throws: the first error among them.
  func settle() throws {
    if let last = expected.last, last.query != nil { try sync() }
    var failure: PostgresError?
    while let next = expected.first {
      switch next {
      case .parse, .rows:
        do {
          try completePreparation()
          var rows = RowReader(session: self, query: next.query ?? "")
          try rows.finish()
        } catch is SkippedStatement {
          continue
        } catch let error as PostgresError where isUsable {
          failure = failure ?? error
        }
      case .sync:
        let result = try nextResult()
        let isSync = PQresultStatus(result) == PGRES_PIPELINE_SYNC
        PQclear(result)
        if isSync { completeFirstExpectation() }
      }
    }
    if let failure { throw failure }
  }

  /// The answers to the first expectation have all been taken.
  func completeFirstExpectation() { expected.removeFirst() }

  /// What an answer that is no success means.
  func failure(in result: OpaquePointer, query: String?) -> PostgresError {
    let state = ServerField.sqlState.text(in: result)
    if PQstatus(connection) == CONNECTION_BAD { discard() }
    guard let state else {
      discard()
      let isLost = PQstatus(connection) == CONNECTION_BAD
      return PostgresError(isLost ? .connectionLost : .protocolViolation, query: query)
    }
    if endsConnection(state) { discard() }
    return PostgresError(.server, query: query, server: ServerField.report(state, in: result))
  }

  /// Runs `body`, then takes what it left unanswered; its own error is the one that counts.
  private func settling<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      let value = try body()
      try settle()
      return value
    } catch let breakOff as BreakOff {
      throw breakOff
    } catch {
      guard isUsable else { throw error }
      do { try settle() } catch let later as PostgresError where isUsable && later.code == .server {}
      throw error
    }
  }

  /// Takes the answer to a statement's preparation, if it had to be prepared.
  private func completePreparation() throws {
    guard case .parse(let name, let statement) = expected.first else { return }
    var rows = RowReader(session: self, query: name)
    do {
      try rows.finish()
    } catch let breakOff as BreakOff {
      throw breakOff
    } catch {
      // What is left of its answer is no success, and must not be taken for one.
      expected[0] = .rows(query: name)
      throw error
    }
    prepared[name] = statement
    if statement.altersSession { hasAlteredState = true }
  }

  /// Whether an error leaves a connection of which nothing good is to be expected: the server goes away, it has lost
  /// our prepared statements, their result types have changed, or it has become a standby.
  private func endsConnection(_ sqlState: String) -> Bool {
    if sqlState == "25006" { return configuration.connection["target_session_attrs"] != nil }
    return ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "26000", "0A000"].contains(sqlState)
  }

  private func timer(_ name: String) -> Timer {
    if let timer = timers[name] { return timer }
    let timer = Timer(
      label: "db.client.operation.duration", dimensions: [("db.query.summary", name), ("db.system.name", "postgresql")])
    timers[name] = timer
    return timer
  }
}

extension Session.Expectation {
  /// The statement it belongs to; a sync belongs to none.
  var query: String? {
    switch self {
    case .parse(let name, _): name
    case .rows(let query): query
    case .sync: nil
    }
  }
}
