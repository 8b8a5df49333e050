import NIOCore

/// Who holds connections to backends: the clients of one address, with calls of one party.
struct Holder: Hashable, Sendable {
  let party: Party
  let origin: Peer.Origin
}

/// The connections of one event loop to one backend.
///
/// A request that finds an idle one here takes it without asking anybody; the ledger, which all loops share, is asked
/// when one is opened, closed or waited for.
final class BackendPool {
  let key: BackendKey
  /// Which lets go of its pools when it stops.
  let loop: GatewayLoop
  private let ledger: SharedLedger
  /// The one that was used last is used first, so that the others grow old and are closed.
  private var idle: [BackendConnection] = []
  /// Requests of this loop that wait for a permit.
  private var waiting: [ConnectionLedger.Waiter: ClientConnection] = [:]
  /// Requests of this loop whose connection is being opened.
  private var connecting: [ObjectIdentifier: ClientConnection] = [:]
  /// Connections of this loop, whatever they are doing.
  private var open: [BackendConnection] = []
  /// How many of them one holder may have.
  private let share: Int
  /// Requests of this loop whose holder has its share.
  private var heldBack: [ClientConnection] = []
  private var lastHurry: NIODeadline
  private var lastLease: NIODeadline
  /// The loop has forgotten the pool: who still knows it has to ask the loop again.
  private(set) var isRetired = false

  init(key: BackendKey, ledger: SharedLedger, loop: GatewayLoop) {
    self.key = key
    self.ledger = ledger
    self.loop = loop
    share = loop.shared.connectionsPerAddress
    lastLease = loop.now
    lastHurry = loop.now - .seconds(1)
  }

  /// Retires the pool if nobody has used it since `moment`.
  /// - Returns: Whether the loop can forget it.
  func retire(unusedSince moment: NIODeadline) -> Bool {
    isRetired = open.isEmpty && waiting.isEmpty && connecting.isEmpty && heldBack.isEmpty && lastLease < moment
    return isRetired
  }

  /// Gives `client` a connection by its `leased` or `leaseFailed`, at once or later.
  /// - Parameter fresh: Not one that was used before.
  @inline(__always)
  func lease(for client: ClientConnection, fresh: Bool) {
    lastLease = loop.now
    if leases >= share, isOverShare(client) { return holdBack(client) }
    if !fresh, !ledger.hasWaiters, let connection = idle.popLast() {
      return client.leased(connection, reused: true)
    }
    queue(client)
  }

  private func queue(_ client: ClientConnection) {
    switch ledger.ask(from: loop.number, as: client.party) {
    case .open: open(for: client)
    case .wait(let waiter):
      waiting[waiter] = client
      makeRoom()
      loop.shared.executeOnOthers(than: loop.number) { [key] other in other.existingPool(for: key)?.makeRoom() }
    }
  }

  /// Gives the connection of an idle one up for who waits, here or on another loop; with none, hurries who has one and
  /// does not use it.
  private func makeRoom() {
    guard let connection = idle.popLast() else { return hurry() }
    connectionFreed(connection)
  }

  private func hurry() {
    guard lastHurry < loop.now else { return }
    lastHurry = loop.now
    for connection in open { connection.hurry() }
  }

  /// `client` does not want a connection any more.
  func cancel(_ client: ClientConnection) {
    if connecting.removeValue(forKey: ObjectIdentifier(client)) != nil { return }
    if let index = heldBack.firstIndex(where: { $0 === client }) {
      heldBack.remove(at: index)
      return
    }
    guard let waiter = waiting.first(where: { $0.value === client })?.key else { return }
    waiting[waiter] = nil
    // If it was served just now, the grant is on its way here and goes to the next.
    _ = ledger.cancel(waiter)
  }

  /// A connection that may be used again came free.
  @inline(__always)
  func connectionFreed(_ connection: BackendConnection) {
    if loop.isDraining { return connection.close() }
    if !ledger.hasWaiters {
      connection.becameIdle()
      idle.append(connection)
    } else {
      handOver(connection)
    }
  }

  private func handOver(_ connection: BackendConnection) {
    guard let first = ledger.offer() else {
      connection.becameIdle()
      idle.append(connection)
      return
    }
    if first.loop == loop.number, let client = waiting.removeValue(forKey: first) {
      client.leased(connection, reused: true)
    } else {
      connection.permitWasPassedOn = true
      connection.close()
      grant(first)
    }
  }

  /// Lets a waiter, on whichever loop, open a connection with a permit that was taken for it.
  private func grant(_ waiter: ConnectionLedger.Waiter) {
    let key = key
    loop.shared.execute(on: waiter.loop) { loop in loop.pool(for: key).granted(waiter) }
  }

  private func granted(_ waiter: ConnectionLedger.Waiter) {
    guard let client = waiting.removeValue(forKey: waiter) else { return giveBackPermit() }
    open(for: client)
  }

  private func giveBackPermit() {
    if let next = ledger.giveBack() { grant(next) }
  }

  /// The connection is closed; its permit goes to the next.
  func connectionClosed(_ connection: BackendConnection) {
    if let index = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: index) }
    forget(connection)
    if !connection.permitWasPassedOn { giveBackPermit() }
  }

  private func open(for client: ClientConnection) {
    let ticket = ObjectIdentifier(client)
    connecting[ticket] = client
    Connector.connect(self) { result in
      let client = self.connecting.removeValue(forKey: ticket)
      if case .success(let connection) = result { self.remember(connection) }
      switch (result, client) {
      case (.success(let connection), let client?): client.leased(connection, reused: false)
      case (.success(let connection), nil): self.connectionFreed(connection)
      case (.failure(let failure), let client):
        self.giveBackPermit()
        client?.leaseFailed(failure)
      }
    }
  }
}

// MARK: Shares

/// One address alone cannot hold every connection with calls of one party: what is left serves the others. Nothing is counted
/// before so many are leased that somebody could be above that share. Each loop keeps its part, as clients are dealt out to
/// loops in turn.
extension BackendPool {
  /// Connections that are leased or being opened.
  @inline(__always)
  private var leases: Int { open.count + connecting.count - idle.count }

  private func isOverShare(_ client: ClientConnection) -> Bool {
    guard let holder = client.holder else { return false }
    var held = 0
    for connection in open where connection.holder == holder { held += 1 }
    for client in connecting.values where client.holder == holder { held += 1 }
    return held >= share
  }

  private func holdBack(_ client: ClientConnection) {
    hurry()
    guard heldBack.count < Self.heldBackLimit else { return client.leaseFailed(.noConnection) }
    heldBack.append(client)
    loop.watchHeldBack(of: self)
  }

  private static let heldBackLimit = 1024

  /// Serves those who have fallen below their share meanwhile, in the order they came.
  func serveHeldBack() {
    var held: [Holder: Int] = [:]
    for connection in open { if let holder = connection.holder { held[holder, default: 0] += 1 } }
    for client in connecting.values { if let holder = client.holder { held[holder, default: 0] += 1 } }
    var served: [ClientConnection] = []
    heldBack.removeAll { client in
      guard let holder = client.holder, held[holder, default: 0] < share else { return false }
      held[holder, default: 0] += 1
      served.append(client)
      return true
    }
    for client in served { client.leaseAgain() }
  }

  var idleConnections: Int { idle.count }
  var usedConnections: Int { open.count - idle.count }

  var holdsBack: Bool { !heldBack.isEmpty }

  private func remember(_ connection: BackendConnection) {
    connection.poolSlot = open.count
    open.append(connection)
  }

  private func forget(_ connection: BackendConnection) {
    let slot = connection.poolSlot
    let last = open.removeLast()
    guard last !== connection else { return }
    open[slot] = last
    last.poolSlot = slot
  }
}
