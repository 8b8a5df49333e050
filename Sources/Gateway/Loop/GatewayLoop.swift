import Metering
import NIOCore
import Routing

/// What one event loop of the gateway owns: its snapshot, its connections to backends, its clock.
///
/// Everything in it is used on that loop only, so nothing of it is locked.
final class GatewayLoop {
  let eventLoop: any EventLoop
  let number: Int
  let shared: SharedState
  let reader: SnapshotReader
  let requests: RequestCounts
  /// Where calls are written down; nil where they are not.
  var accessLog: LoopAccessLog?
  private var secretUses = SecretUses()
  private var usage = UsageTable()
  /// The wall clock at the last tick: what usage is counted by.
  private var wall: UnixTime
  var requestIDs = RequestIDSource()
  /// Whose calls are answered next, and who waits.
  var turns: Turns<ClientConnection>
  private var isServingTurns = false
  /// The loop's own idea of now, renewed ten times a second: exact enough for time-outs.
  private(set) var now = NIODeadline.now()
  private(set) var httpDate = HTTPDate.now()
  /// The gateway is stopping: every answer is the last of its connection.
  private(set) var isDraining = false
  /// How long a client's connection may ask nothing.
  private(set) var clientIdle: TimeAmount
  private var pools: [BackendKey: BackendPool] = [:]
  /// Those that hold requests back.
  private var holdingPools: [BackendPool] = []
  private var watched = WatchedConnections()
  private var ticks: RepeatedTask?
  private var tickCount = 0

  /// Call on `eventLoop`.
  init(eventLoop: any EventLoop, number: Int, shared: SharedState) {
    (self.eventLoop, self.number, self.shared) = (eventLoop, number, shared)
    requests = shared.tally.makeCounts()
    wall = shared.clock()
    turns = Turns(limit: shared.configuration.callsPerTurn)
    accessLog = shared.accessLog.map { LoopAccessLog($0) }
    clientIdle = shared.waits.clientIdle
    let woken = NIOLoopBoundBox<SnapshotReader?>(nil, eventLoop: eventLoop)
    reader = shared.snapshots.makeReader { eventLoop.execute { woken.value?.refresh() } }
    woken.value = reader
    tick()
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    ticks = eventLoop.scheduleRepeatedTask(initialDelay: Self.tickInterval, delay: Self.tickInterval) { _ in
      bound.value.tick()
    }
  }

  static let tickInterval = TimeAmount.milliseconds(100)

  private func tick() {
    now = .now()
    tickCount += 1
    turns.momentPassed()
    beginMinute(at: shared.clock())
    if tickCount % Self.usageTicks == 0 { tellUsage() }
    if tickCount % 10 == 0 { httpDate = HTTPDate.now() }
    if tickCount % 100 == 0 { tellSecretUses() }
    if tickCount % 600 == 0 { pools = pools.filter { !$0.value.retire(unusedSince: now - .minutes(10)) } }
    for connection in watched.expired(now) { connection.deadlinePassed() }
    for connection in watched.nextToJudge(parts: Self.judgedParts) { connection.judgeAgain() }
    if !holdingPools.isEmpty { serveHeldBack() }
    accessLog?.flush()
    countBackendConnections()
  }

  /// All connections are judged again within as many ticks, so that a revoke ends within a second what it forbids, also
  /// when half of that went by before anybody heard of it.
  private static let judgedParts = 3

  /// Whether calls may be decided now.
  var isServable: Bool { shared.snapshots.allowsDecisions }

  /// Notes by which secret a call was admitted, if it was by one.
  @inline(__always)
  func noteUse(of route: Route, at now: UnixTime) {
    guard let secret = route.admittedBy else { return }
    if secretUses.isFull { tellSecretUses() }
    secretUses.note(secret, at: now)
  }

  private func tellSecretUses() { shared.secretUses.add(secretUses.take()) }

  /// Counts a call that has ended for the usage of both parties.
  func count(_ call: borrowing MeteredCall) {
    if usage.isFull { tellUsage() }
    usage.count(call, endedAt: wall.microseconds)
  }

  private func beginMinute(at time: UnixTime) {
    if time.minute != wall.minute { tellUsage() }
    wall = time
  }

  private func tellUsage() { shared.usage.add(&usage, minute: wall.minute) }

  /// Often enough that a crash costs less than a second of what was counted, with the time that it takes to keep it.
  private static let usageTicks = 2

  /// Has a call wait for its turn.
  func queue(_ connection: ClientConnection, as party: UInt64) {
    turns.wait(connection, of: party)
    serveTurnsSoon()
  }

  /// After one more look at the sockets: tasks that are due already would all be run before it.
  private func serveTurnsSoon() {
    guard !isServingTurns else { return }
    isServingTurns = true
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: .microseconds(20)) { bound.value.serveTurns() }
  }

  private func serveTurns() {
    isServingTurns = false
    for connection in turns.serve() { connection.turnCame() }
    if turns.hasWaiters { serveTurnsSoon() }
  }

  func pool(for key: BackendKey) -> BackendPool {
    if let pool = pools[key] { return pool }
    let pool = BackendPool(key: key, ledger: shared.ledger(for: key), loop: self)
    pools[key] = pool
    return pool
  }

  /// Has `pool` look at each tick whether it can serve requests that it holds back.
  func watchHeldBack(of pool: BackendPool) {
    if !holdingPools.contains(where: { $0 === pool }) { holdingPools.append(pool) }
  }

  private func serveHeldBack() {
    for pool in holdingPools { pool.serveHeldBack() }
    holdingPools.removeAll { !$0.holdsBack }
  }

  private func countBackendConnections() {
    var (idle, used) = (0, 0)
    for pool in pools.values {
      idle += pool.idleConnections
      used += pool.usedConnections
    }
    requests.traffic.backendConnections(idle: idle, used: used)
  }

  func existingPool(for key: BackendKey) -> BackendPool? { pools[key] }

  func watch(_ connection: any Watched) { watched.insert(connection) }
  func unwatch(_ connection: any Watched) { watched.remove(connection) }

  /// Lets requests in flight end, and their connections with them; so those on their way, of which nobody knows.
  func drain() {
    isDraining = true
    // The last idea of it may be old, and what has come meanwhile is read first.
    now = .now()
    clientIdle = min(clientIdle, shared.waits.lastRequest)
    for connection in watched.all { connection.drain() }
  }

  /// Clients whose requests are not answered yet.
  var openConnections: Int { watched.all.count }

  /// Ends everything at once.
  func stop() {
    ticks?.cancel()
    tellSecretUses()
    for connection in watched.all { connection.abort() }
    tellUsage()
    accessLog?.flush()
    pools = [:]
    holdingPools = []
    turns.clear()
  }
}
