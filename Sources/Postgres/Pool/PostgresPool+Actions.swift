import Logging
import Synchronization

extension PostgresPool {
  /// Lets the machine decide, then does what it decided.
  func apply(_ event: (inout PoolMachine) -> [PoolMachine.Action]) {
    perform(state.withLock { state in event(&state.machine) })
  }

  func perform(_ actions: [PoolMachine.Action]) {
    for action in actions {
      switch action {
      case .grant(let waiter, let connection):
        resolve(waiter) { state in .success(state.lease(connection, of: self)) }
      case .refuse(let waiter, let refusal):
        if case .timeout = refusal { metrics.countTimeout() }
        resolve(waiter) { state in .failure(state.error(for: refusal)) }
      case .open(let connection, let failures): open(connection, afterFailures: failures)
      case .close(let connection): state.withLock { $0.threads[connection] }?.close()
      case .finish: finish()
      }
    }
    metrics.record(state.withLock { $0.machine.counts })
  }

  private func resolve(_ waiter: WaiterID, _ result: (inout State) -> Result<ConnectionThread.Lease, any Error>) {
    let (continuation, result) = state.withLock { state in
      let result = result(&state)
      let continuation = state.waiters.removeValue(forKey: waiter)
      if continuation == nil { state.early[waiter] = result }
      return (continuation, result)
    }
    continuation?.resume(with: result)
  }

  private func finish() {
    let closers = state.withLock { state in
      state.isFinished = true
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }

  private func open(_ connection: ConnectionID, afterFailures failures: Int) {
    var generator = SystemRandomNumberGenerator()
    let delay = backoff.delay(afterFailures: failures, using: &generator)
    do throws(PostgresError) {
      let thread = try ConnectionThread(configuration, delay: delay, events: events(of: connection))
      // The thread may have opened the connection already; what it reports waits for the thread to be known.
      state.withLock { $0.threads[connection] = thread }
      thread.begin()
    } catch {
      opened(connection, error)
      closed(connection)
    }
  }

  private func events(of connection: ConnectionID) -> ConnectionEvents {
    ConnectionEvents(
      opened: { self.opened(connection, $0) },
      idle: { idleTime in
        self.state.withLock { state in
          state.machine.idled(connection, isExpired: idleTime >= self.configuration.idleLifetime)
        }
      },
      checked: { self.apply { $0.checked(connection) } },
      closed: { self.closed(connection) })
  }

  private func opened(_ connection: ConnectionID, _ failure: PostgresError?) {
    guard let failure else {
      let failures = state.withLock { $0.machine.failures }
      if failures > 0 { logger.info("database is back") }
      return apply { $0.opened(connection) }
    }
    let failures = state.withLock { state in
      state.lastFailure = failure
      state.machine.openFailed(connection)
      return state.machine.failures
    }
    // Once for each outage; the rest of it is for those who look closer.
    logger.log(
      level: failures == 1 ? .warning : .debug, "database cannot be reached",
      metadata: ["error": "\(failure)", "attempts": "\(failures)"])
  }

  private func closed(_ connection: ConnectionID) {
    state.withLock { $0.threads[connection] = nil }
    apply { $0.closed(connection) }
  }
}

extension PostgresPool.State {
  mutating func lease(_ connection: ConnectionID, of pool: PostgresPool) -> ConnectionThread.Lease {
    leases += 1
    // The machine grants only connections whose threads are known, and forgets them first.
    return ConnectionThread.Lease(
      id: LeaseID(number: leases), connection: connection, thread: threads[connection], pool: pool)
  }

  fileprivate func error(for refusal: PoolMachine.Refusal) -> any Error {
    switch refusal {
    case .cancelled: CancellationError()
    case .closed: PostgresError(.poolClosed)
    case .timeout(let isServerAway):
      (isServerAway ? lastFailure : nil) ?? PostgresError(.poolTimeout)
    }
  }
}
