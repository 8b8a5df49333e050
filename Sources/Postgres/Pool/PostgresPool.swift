package import Logging
import ServiceLifecycle
import Synchronization

/// A bounded number of connections, each on a thread of its own, lent to whoever has statements to run.
///
/// Connections are opened when they are needed, also before ``run()``, which only stays until the graceful shutdown
/// and then lets those in use finish.
package final class PostgresPool: Service {
  struct State {
    var machine: PoolMachine
    var threads: [ConnectionID: ConnectionThread] = [:]
    var waiters: [WaiterID: CheckedContinuation<ConnectionThread.Lease, any Error>] = [:]
    /// What the machine decided for waiters that do not wait yet.
    var early: [WaiterID: Result<ConnectionThread.Lease, any Error>] = [:]
    var closers: [CheckedContinuation<Void, Never>] = []
    var isFinished = false
    var lastFailure: PostgresError?
    var leases = 0
  }

  let configuration: PostgresConfiguration
  let logger: Logger
  let metrics: PoolMetrics
  let backoff = Backoff()
  private let clock: any Clock<Duration>
  let state: Mutex<State>

  /// - Parameters:
  ///   - name: tells this pool's metrics from another's.
  ///   - clock: measures the wait deadline.
  package init(
    _ configuration: PostgresConfiguration, name: String = "main", logger: Logger,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.configuration = configuration
    self.logger = logger
    self.clock = clock
    metrics = PoolMetrics(name: name)
    state = Mutex(State(machine: PoolMachine(maximum: configuration.maximumConnections)))
  }

  /// Stays until the graceful shutdown, or cancellation, then closes the pool.
  package func run() async throws {
    try? await gracefulShutdown()
    await close()
  }

  /// Takes no more callers, refuses those waiting, and returns when the connections in use have been given back and all
  /// are closed.
  package func close() async {
    apply { $0.shutDown() }
    await withCheckedContinuation { continuation in
      let isFinished = state.withLock { state in
        if !state.isFinished { state.closers.append(continuation) }
        return state.isFinished
      }
      if isFinished { continuation.resume() }
    }
  }

  /// A pool for as long as `body` runs.
  package static func withPool<Value>(
    _ configuration: PostgresConfiguration, name: String = "main", logger: Logger,
    _ body: (PostgresPool) async throws -> Value
  ) async throws -> Value {
    let pool = PostgresPool(configuration, name: name, logger: logger)
    do {
      let value = try await body(pool)
      await pool.close()
      return value
    } catch {
      await pool.close()
      throw error
    }
  }
}

// MARK: - Lending

extension PostgresPool {
  /// Waits for a connection, at most the wait deadline.
  func lease(for party: PoolParty? = nil) async throws -> ConnectionThread.Lease {
    try Task.checkCancellation()
    let start = ContinuousClock.now
    defer { metrics.waited(.now - start) }
    switch acquire(for: party) {
    case .granted(let lease): return lease
    case .closed: throw PostgresError(.poolClosed)
    case .waiting(let waiter):
      async let _ = expire(waiter)
      return try await grant(to: waiter)
    }
  }

  /// Called on the connection's thread when a lease is over.
  func release(_ lease: LeaseID, of connection: ConnectionID, on session: Session) {
    guard session.lease == lease else { return }
    session.lease = nil
    session.transaction = nil
    // One that is not as it was opened is not used again: its thread closes it, and tells the machine.
    guard session.isClean else { return session.discard() }
    apply { $0.release(connection) }
  }

  private enum Acquired {
    case granted(ConnectionThread.Lease)
    case waiting(WaiterID)
    case closed
  }

  private func acquire(for party: PoolParty?) -> Acquired {
    var actions: [PoolMachine.Action] = []
    let acquired: Acquired = state.withLock { state in
      let (acquisition, decided) = state.machine.acquire(for: party)
      actions = decided
      switch acquisition {
      case .granted(let connection): return .granted(state.lease(connection, of: self))
      case .waiting(let waiter): return .waiting(waiter)
      case .closed: return .closed
      }
    }
    perform(actions)
    return acquired
  }

  private func grant(to waiter: WaiterID) async throws -> ConnectionThread.Lease {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let early = state.withLock { state in
          let early = state.early.removeValue(forKey: waiter)
          if early == nil { state.waiters[waiter] = continuation }
          return early
        }
        if let early { continuation.resume(with: early) }
      }
    } onCancel: {
      apply { $0.cancel(waiter) }
    }
  }

  private func expire(_ waiter: WaiterID) async {
    guard (try? await clock.sleep(for: configuration.waitDeadline)) != nil else { return }
    apply { $0.timeOut(waiter) }
  }
}
