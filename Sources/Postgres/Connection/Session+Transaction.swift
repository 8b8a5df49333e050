import CLibPQ

/// How far the transaction of a lease has come.
struct TransactionProgress {
  let options: TransactionOptions
  let settings: TransactionSettings
  /// The first error of the server, which has doomed it.
  var failure: PostgresError?
}

extension Session {
  /// Begins the transaction if it has not begun, and does `body`'s statements, all in one round trip.
  func inTransaction<Value>(_ send: () throws -> Void, _ collect: () throws -> Value) throws -> Value {
    guard let transaction else { throw PostgresError(.transactionEnded) }
    let opening = isIdle ? transaction.opening : []
    do {
      return try exchange { session in
        for statement in opening { try session.send(statement) }
        try send()
        try session.sync()
        for statement in opening { _ = try session.collect(statement) }
        return try collect()
      }
    } catch let error as PostgresError {
      if self.transaction?.failure == nil { self.transaction?.failure = error }
      throw error
    }
  }

  /// Commits what has begun.
  ///
  /// - Throws: the error that doomed the transaction, if one did: the server would answer the `COMMIT` of a failed
  ///   transaction with a rollback that looks like a success.
  func commit() throws {
    guard isUsable else { throw transaction?.failure ?? lost() }
    switch PQtransactionStatus(connection) {
    case PQTRANS_IDLE: return
    case PQTRANS_INERROR:
      let failure = transaction?.failure ?? PostgresError(.protocolViolation, detail: "transaction failed")
      rollback()
      throw failure
    default:
      defer { rollback() }
      try withUnknownOutcome {
        try exchange { session in
          for statement in ControlStatement.ending { try session.send(statement) }
          try session.sync()
          for statement in ControlStatement.ending { _ = try session.collect(statement) }
        }
      }
    }
  }

  /// Rolls back what has begun; a connection that cannot be brought back to rest is discarded.
  func rollback() {
    guard isUsable, !isIdle else { return }
    interruption = nil
    deadline = .now + configuration.responseGrace
    defer { deadline = nil }
    do {
      try exchange { _ = try $0.answer(to: ControlStatement.rollback) }
    } catch {
      discard()
    }
  }

  /// Begin, settings, statements and commit in one round trip.
  func pipelinedTransaction<Value>(
    _ transaction: TransactionProgress, _ send: () throws -> Void, _ collect: () throws -> Value
  ) throws -> Value {
    defer { rollback() }
    return try withUnknownOutcome {
      try exchange { session in
        for statement in transaction.opening { try session.send(statement) }
        try send()
        for statement in ControlStatement.ending { try session.send(statement) }
        try session.sync()
        for statement in transaction.opening { _ = try session.collect(statement) }
        let value = try collect()
        for statement in ControlStatement.ending { _ = try session.collect(statement) }
        return value
      }
    }
  }

  /// Whether the next user of the connection finds it as it was opened: no transaction, no session-wide setting.
  var isClean: Bool { isUsable && isIdle && !hasAlteredState }

  /// A sign of life: an empty pipeline.
  func ping() {
    deadline = .now + configuration.responseGrace
    defer { deadline = nil }
    do {
      try exchange { try $0.sync() }
    } catch {
      discard()
    }
  }

  /// Whether a transaction is under way and has not failed.
  var isInTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_INTRANS }

  private var isIdle: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

  /// Marks the errors after which nobody knows whether the commit counts.
  private func withUnknownOutcome<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch var error as PostgresError where error.code == .connectionLost || error.code == .deadlineExceeded {
      error.isOutcomeUnknown = true
      throw error
    }
  }
}

extension TransactionProgress {
  /// What goes ahead of the first statement.
  var opening: [Statement<Int>] {
    var pairs = settings.pairs
    if let timeout = options.timeout { pairs.append(("statement_timeout", timeout.wholeMilliseconds)) }
    return [ControlStatement.begin(options)] + (pairs.isEmpty ? [] : [ControlStatement.settings(pairs)])
  }
}
