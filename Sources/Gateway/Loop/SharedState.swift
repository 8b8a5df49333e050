import Logging
import Metering
import Model
import NIOCore
import NIOSSL
import Routing
import Sealing
import Synchronization

/// What the event loops of a gateway share: its configuration, and what counts for the whole node.
final class SharedState: Sendable {
  let configuration: Configuration
  let waits: Waits
  let addressing: Addressing
  let snapshots: SnapshotCell
  let resolver: Resolver
  let tls: NIOSSLContext
  let clock: @Sendable () -> UnixTime
  let logger: Logger
  let tally: RequestTally
  /// Opens backends' own headers; nil where there is no key.
  let sealer: Sealer?
  /// What values are known by that providers brought along; nil where there is no key.
  let importedValueKeys: ImportedValueKeys?
  /// Where the loops tell which secrets were used.
  let secretUses: SecretUseLog
  /// What calls are let through of limits.
  let allowances: Allowances
  /// Where the loops tell what they counted of calls.
  let usage: UsageLog
  /// Calls under way, by whose they are.
  let callsUnderWay: CallsUnderWay
  /// Clients' connections, by who holds them.
  let connectionsHeld: ConnectionsHeld
  /// Where calls are written down; nil where they are not.
  let accessLog: AccessLog?
  /// What `/metrics` answers.
  let metrics: @Sendable () -> String
  /// Those that some loop's pool holds.
  private let ledgers = Mutex<[BackendKey: WeakLedger]>([:])
  private let loops = Mutex<[NIOLoopBound<GatewayLoop>]>([])
  private let forbidden = Mutex<[BackendNetworks.Endpoint]>([])
  private let ownAddresses = Mutex<Set<IPAddress>>([])

  init(
    _ configuration: Configuration, snapshots: SnapshotCell, resolver: Resolver, tls: NIOSSLContext, logger: Logger,
    tally: RequestTally, sealer: Sealer?, secretUses: SecretUseLog, allowances: Allowances, usage: UsageLog,
    accessLog: AccessLog?, metrics: @escaping @Sendable () -> String,
    clock: @escaping @Sendable () -> UnixTime
  ) {
    self.configuration = configuration
    self.waits = Waits(configuration.timeouts)
    self.addressing = Addressing(domain: configuration.gatewayDomain)
    self.snapshots = snapshots
    self.resolver = resolver
    self.tls = tls
    self.logger = logger
    self.clock = clock
    (self.tally, self.sealer, self.secretUses, self.metrics) = (tally, sealer, secretUses, metrics)
    (self.allowances, self.usage, self.accessLog) = (allowances, usage, accessLog)
    importedValueKeys = sealer?.importedValueKeys
    callsUnderWay = CallsUnderWay(configuration)
    connectionsHeld = ConnectionsHeld(configuration)
  }

  func ledger(for key: BackendKey) -> SharedLedger {
    ledgers.withLock { ledgers in
      if let ledger = ledgers[key]?.ledger { return ledger }
      let ledger = SharedLedger(limit: configuration.connectionsPerBackend)
      ledgers = ledgers.filter { $0.value.ledger != nil }
      ledgers[key] = WeakLedger(ledger: ledger)
      return ledger
    }
  }

  private struct WeakLedger: Sendable {
    weak let ledger: SharedLedger?
  }

  /// How many connections to a backend the clients of one address may hold on each loop.
  var connectionsPerAddress: Int {
    let all = configuration.connectionsPerBackend * configuration.connectionsPerAddress / 100
    return max(1, all / max(1, loops.withLock { $0.count }))
  }

  func add(_ loop: NIOLoopBound<GatewayLoop>) { loops.withLock { $0.append(loop) } }

  /// Lets the loops go, which hold this.
  func forgetLoops() { loops.withLock { $0 = [] } }

  /// Runs `body` on the loop with this number.
  func execute(on loop: Int, _ body: @escaping @Sendable (GatewayLoop) -> Void) {
    let loop = loops.withLock { loops in loops.indices.contains(loop) ? loops[loop] : nil }
    loop?.execute { body($0) }
  }

  /// Runs `body` on every loop but the one with this number.
  func executeOnOthers(than number: Int, _ body: @escaping @Sendable (GatewayLoop) -> Void) {
    for (index, loop) in loops.withLock({ $0 }).enumerated() where index != number { loop.execute { body($0) } }
  }

  /// Never dials what listens at `endpoint`: one of our own listeners, now that it is bound.
  func forbid(_ endpoint: BackendNetworks.Endpoint) {
    forbidden.withLock { $0.append(endpoint) }
    ownAddresses.withLock { $0 = IPAddress.ofThisMachine() }
  }

  /// Whether the configured networks allow a backend there.
  func allows(_ address: SocketAddress) -> Bool {
    guard let port = address.port, let ip = IPAddress(address) else { return false }
    var networks = configuration.backendNetworks
    networks.forbiddenEndpoints += forbidden.withLock { $0 }
    return networks.allows(ip, port: port) { own in ownAddresses.withLock { $0.contains(own) } }
  }
}

extension NIOLoopBound {
  /// Runs `body` with the value on its loop.
  func execute(_ body: @escaping @Sendable (Value) -> Void) {
    eventLoop.execute { body(self.value) }
  }
}
