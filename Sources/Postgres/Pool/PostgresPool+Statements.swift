extension PostgresPool: StatementRunner {
  /// Runs one statement, which is its own transaction, in one round trip.
  package func run<Result: Sendable>(_ statement: Statement<Result>) async throws -> Result {
    try await using(timeout: configuration.patience(statements: 1)) { session in
      try session.exchange { try $0.answer(to: statement) }
    }
  }

  /// Runs statements as one transaction in one round trip.
  ///
  /// An error of the server in one of them, which the error names, leaves nothing done. What only we can tell comes
  /// after the commit: that `.only` found no row, or that a row cannot be decoded. Where that has to undo the rest, use
  /// ``transaction(_:settings:_:)`` and ``Transaction/batch(_:)``, which is one round trip more.
  /// - Parameter last: runs after the others.
  @discardableResult
  package func pipeline<each Result: Sendable>(
    _ options: TransactionOptions, settings: TransactionSettings = .none, endingWith last: Statement<Void>? = nil,
    _ statement: repeat Statement<each Result>
  ) async throws -> (repeat each Result) {
    let transaction = TransactionProgress(options: options, settings: settings)
    var count = last == nil ? 3 : 4
    for _ in repeat each statement { count += 1 }
    let patience = configuration.patience(options.timeout, statements: count)
    return try await using(timeout: patience, for: options.party) { session in
      repeat try session.check(each statement)
      if let last { try session.check(last) }
      return try session.pipelinedTransaction(transaction) {
        repeat try session.send(each statement)
        if let last { try session.send(last) }
      } _: {
        let results = (repeat try session.collect(each statement))
        if let last { try session.collect(last) }
        return results
      }
    }
  }

  /// Runs statements as one transaction, with the usual options, in one round trip.
  @discardableResult
  package func pipeline<each Result: Sendable>(
    settings: TransactionSettings = .none, endingWith last: Statement<Void>? = nil,
    _ statement: repeat Statement<each Result>
  ) async throws -> (repeat each Result) {
    try await pipeline(TransactionOptions(), settings: settings, endingWith: last, repeat each statement)
  }

  /// Lends a connection to one piece of work on its thread, which gives it back itself.
  private func using<Value: Sendable>(
    timeout: Duration?, for party: PoolParty? = nil, _ work: @escaping @Sendable (Session) throws -> Value
  ) async throws -> Value {
    let lease = try await lease(for: party)
    guard let thread = lease.thread else { throw PostgresError(.connectionLost) }
    return try await thread.perform(timeout: timeout) { session in
      lease.begin(on: session)
      defer { lease.end(on: session) }
      return try work(session)
    }
  }
}

extension PostgresConfiguration {
  /// How long an exchange may take before the server is taken for dead; nil waits without a limit.
  func patience(_ timeout: Duration? = nil, statements: Int) -> Duration? {
    (timeout ?? statementTimeout).map { $0 * statements + responseGrace }
  }
}
