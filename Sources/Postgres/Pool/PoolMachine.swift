/// Names a connection of a pool; never used twice.
struct ConnectionID: Hashable, Sendable { let number: Int }
/// Names a caller waiting for a connection.
struct WaiterID: Hashable, Sendable { let number: Int }
/// Names one use of a connection, so that a use that is over cannot touch the next one.
struct LeaseID: Hashable, Sendable { let number: Int }

/// What a pool decides; no I/O, no clock, no lock.
///
/// Connections are opened when somebody waits and there is room; the one used last is used first, so that the others
/// age; waiters are served in order, as far as their parties' shares go. While the server is away a single connection is
/// tried at a time.
struct PoolMachine {
  enum Action: Equatable {
    case grant(WaiterID, ConnectionID)
    /// Open a connection, after as many failures in a row.
    case open(ConnectionID, failures: Int)
    case close(ConnectionID)
    case refuse(WaiterID, Refusal)
    /// Shut down, and the last connection is closed.
    case finish
  }

  enum Refusal: Equatable {
    /// The wait was too long; the connections are in use, or none can be opened.
    case timeout(isServerAway: Bool)
    case closed
    case cancelled
  }

  enum Acquisition: Equatable {
    case granted(ConnectionID)
    case waiting(WaiterID)
    case closed
  }

  private enum Slot { case opening, idle, checking, leased, closing }

  private let maximum: Int
  private var slots: [ConnectionID: Slot] = [:]
  /// The one used last is at the end.
  private var idle: [ConnectionID] = []
  private var queue: PoolQueue
  private var issued = 0
  private(set) var failures = 0
  private var isShuttingDown = false

  init(maximum: Int) {
    self.maximum = max(1, maximum)
    queue = PoolQueue(connections: self.maximum)
  }

  /// How many connections are idle, in use, and how many callers wait.
  var counts: (idle: Int, used: Int, waiting: Int) {
    (idle.count, slots.values.count { $0 == .leased }, queue.count)
  }

  // MARK: Callers

  mutating func acquire(for party: PoolParty? = nil) -> (Acquisition, [Action]) {
    if isShuttingDown { return (.closed, []) }
    if queue.mayHaveOneMore(party), let connection = idle.popLast() {
      slots[connection] = .leased
      queue.lend(connection, to: party)
      return (.granted(connection), [])
    }
    let waiter = WaiterID(number: issue())
    queue.append(waiter, for: party)
    return (.waiting(waiter), openIfNeeded())
  }

  mutating func release(_ connection: ConnectionID) -> [Action] {
    guard slots[connection] == .leased else { return [] }
    queue.returned(connection)
    return offer(connection)
  }

  /// A waiter's deadline has passed.
  mutating func timeOut(_ waiter: WaiterID) -> [Action] {
    queue.remove(waiter) ? [.refuse(waiter, .timeout(isServerAway: failures > 0))] : []
  }

  mutating func cancel(_ waiter: WaiterID) -> [Action] {
    queue.remove(waiter) ? [.refuse(waiter, .cancelled)] : []
  }

  // MARK: Connections

  mutating func opened(_ connection: ConnectionID) -> [Action] {
    failures = 0
    guard slots[connection] == .opening else { return [] }
    // Others may have been held back while the server was away.
    return offer(connection) + openIfNeeded()
  }

  mutating func openFailed(_ connection: ConnectionID) {
    if slots[connection] == .opening { failures += 1 }
  }

  /// A connection has ended, for whatever reason.
  mutating func closed(_ connection: ConnectionID) -> [Action] {
    guard slots.removeValue(forKey: connection) != nil else { return [] }
    queue.returned(connection)
    idle.removeAll { $0 == connection }
    return isShuttingDown ? finishIfEmpty() : openIfNeeded()
  }

  /// A connection has been idle for a while: to be checked, or retired when it has not been used for too long.
  mutating func idled(_ connection: ConnectionID, isExpired: Bool) -> IdleVerdict {
    guard slots[connection] == .idle else { return .keep }
    idle.removeAll { $0 == connection }
    slots[connection] = isExpired ? .closing : .checking
    return isExpired ? .retire : .check
  }

  mutating func checked(_ connection: ConnectionID) -> [Action] {
    guard slots[connection] == .checking else { return [] }
    return offer(connection)
  }

  // MARK: The end

  /// Refuses whoever waits, closes what is idle, and lets those in use finish.
  mutating func shutDown() -> [Action] {
    guard !isShuttingDown else { return [] }
    isShuttingDown = true
    var actions = queue.ids.map { Action.refuse($0, .closed) }
    queue.removeAll()
    actions += idle.map { close($0) }
    idle = []
    for (connection, slot) in slots where slot == .opening {
      // It may take its time; nobody needs to wait for it.
      slots[connection] = nil
      actions.append(.close(connection))
    }
    return actions + finishIfEmpty()
  }

  // MARK: -

  /// Gives a connection at rest to the first waiter that may have it, or keeps it.
  private mutating func offer(_ connection: ConnectionID) -> [Action] {
    if isShuttingDown { return [close(connection)] }
    guard let waiter = queue.lend(connection) else {
      slots[connection] = .idle
      idle.append(connection)
      return []
    }
    slots[connection] = .leased
    return [.grant(waiter, connection)]
  }

  private mutating func openIfNeeded() -> [Action] {
    var opening = slots.values.count { $0 == .opening }
    let wanted = failures > 0 ? min(1, queue.servable) : queue.servable
    var actions: [Action] = []
    while opening < wanted, slots.count < maximum {
      let connection = ConnectionID(number: issue())
      slots[connection] = .opening
      opening += 1
      actions.append(.open(connection, failures: failures))
    }
    return actions
  }

  private mutating func close(_ connection: ConnectionID) -> Action {
    slots[connection] = .closing
    return .close(connection)
  }

  private func finishIfEmpty() -> [Action] { slots.isEmpty ? [.finish] : [] }

  private mutating func issue() -> Int {
    issued += 1
    return issued
  }
}
