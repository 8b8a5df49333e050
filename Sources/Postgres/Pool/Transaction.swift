import Synchronization

/// A transaction under way, inside the closure of ``PostgresPool/transaction(_:settings:_:)``.
///
/// Statements run one after the other, also when several tasks hand them in. After an error of the server only the
/// rollback is left, even if the error was caught.
package final class Transaction: StatementRunner {
  private let lease: ConnectionThread.Lease
  private let thread: ConnectionThread
  /// How long a statement may take; nil: as long as the connection says.
  private let timeout: Mutex<Duration?>

  init(_ lease: ConnectionThread.Lease, on thread: ConnectionThread, _ options: TransactionOptions) {
    self.lease = lease
    self.thread = thread
    timeout = Mutex(options.timeout)
  }

  /// Lets each statement from now on take this long, and what is deferred until the commit.
  package func extend(timeout: Duration) async throws {
    _ = try await run(ControlStatement.timeout(timeout))
    self.timeout.withLock { $0 = timeout }
  }

  /// Has all be looked at that otherwise is when the transaction is committed, and what comes from now on at once.
  package func checkConstraints() async throws {
    _ = try await run(ControlStatement.constraints)
  }

  fileprivate func patience(statements: Int) -> Duration? {
    lease.pool.configuration.patience(timeout.withLock { $0 }, statements: statements)
  }

  /// Runs one statement in one round trip; the first one takes `BEGIN` and the settings along.
  package func run<Result: Sendable>(_ statement: Statement<Result>) async throws -> Result {
    try await batch(statement)
  }

  /// Runs several statements in one round trip.
  ///
  /// The first error, which names its statement, keeps the rest from running.
  @discardableResult
  package func batch<each Result: Sendable>(
    _ statement: repeat Statement<each Result>
  ) async throws -> (repeat each Result) {
    var count = 2
    for _ in repeat each statement { count += 1 }
    return try await perform(statements: count) { session in
      repeat try session.check(each statement)
      return try session.inTransaction {
        repeat try session.send(each statement)
      } _: {
        (repeat try session.collect(each statement))
      }
    }
  }

  /// Has the connection's thread do `work`, which takes as long as this many statements may.
  func perform<Value: Sendable>(
    statements: Int = 2, _ work: @escaping @Sendable (Session) throws -> Value
  ) async throws -> Value {
    try await thread.perform(timeout: patience(statements: statements)) { [lease] session in
      guard session.lease == lease.id else { throw PostgresError(.transactionEnded) }
      return try work(session)
    }
  }
}

extension PostgresPool {
  /// Runs `body` in one transaction: committed when it returns, rolled back when it throws.
  ///
  /// `BEGIN` and the settings travel with the first statement; a body that runs none causes no traffic. The commit is
  /// not broken off by the caller's cancellation, so that its outcome is known.
  /// - Throws: what `body` throws; ``PostgresError``; `CancellationError`.
  package func transaction<Value>(
    _ options: TransactionOptions = TransactionOptions(), settings: TransactionSettings = .none,
    _ body: (Transaction) async throws -> Value
  ) async throws -> Value {
    let lease = try await lease(for: options.party)
    guard let thread = lease.thread else { throw PostgresError(.connectionLost) }
    let progress = TransactionProgress(options: options, settings: settings)
    thread.submit { session in lease.begin(on: session, progress) }
    do {
      let transaction = Transaction(lease, on: thread, options)
      let value = try await body(transaction)
      try Task.checkCancellation()
      try await thread.performShielded(timeout: transaction.patience(statements: 2)) { session in
        defer { lease.end(on: session) }
        try session.commit()
      }
      return value
    } catch {
      await lease.rollBack(on: thread)
      throw error
    }
  }
}

extension ConnectionThread.Lease {
  /// Rolls back and gives the connection back. Whoever has been cancelled does not wait for it.
  fileprivate func rollBack(on thread: ConnectionThread) async {
    let work: @Sendable (Session) -> Void = { session in
      guard session.lease == id else { return }
      session.rollback()
      end(on: session)
    }
    if Task.isCancelled {
      thread.submit(work)
    } else {
      // The only error is that the connection has ended, and the transaction with it.
      try? await thread.performShielded(timeout: nil) { work($0) }
    }
  }
}
