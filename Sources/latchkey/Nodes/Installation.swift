import Console
import ConsoleAPI
import ConsoleWeb
import EmbeddedPostgres
import Gateway
import Hummingbird
import Logging
import Metering
import Model
import NIOCore
import Node
import Postgres
import Routing
import Sealing
import ServiceLifecycle
import Store
import Telemetry
import UnixSignals

/// Everything that one process serves, put together.
struct Installation {
  let settings: Settings
  let roles: NodeRoles
  let metrics: MetricsRegistry
  let logger: Logger
  let gatewayAddress: GatewayAddress

  init(settings: Settings, roles: NodeRoles, metrics: MetricsRegistry, logger: Logger) {
    (self.settings, self.roles, self.metrics, self.logger) = (settings, roles, metrics, logger)
    gatewayAddress = GatewayAddress(settings, isOwn: roles.includesGateway)
  }

  /// Serves until a signal, or until something that it can't do without fails.
  /// - Throws: whatever kept it from starting, described in one line.
  func run() async throws {
    do { try await serve() } catch { throw settings.naming(error) }
  }

  private func serve() async throws {
    if roles.includesGateway { try Gateway.check(settings.gatewayConfiguration(forbidding: [])) }
    let calls = roles.includesGateway ? try openAccessLog() : nil
    if let database = try await settings.database()?.resolved() {
      let disk = await openDisk(of: database)
      return try await serve(database: database, disk: disk, first: [], calls)
    }
    let embedded = EmbeddedPostgres(
      configuration: .init(dataDirectory: settings.dataDirectory), logger: logger)
    let endpoint = try await embedded.start()
    do {
      let disk = await openDisk(of: nil)
      try await serve(database: PostgresConfiguration(endpoint.connectionString), disk: disk, first: [embedded], calls)
    } catch {
      await embedded.stop()
      throw error
    }
  }

  /// Services stop in the reverse of this order: the listeners first, what they stand on last.
  private func serve(
    database: PostgresConfiguration, disk: SnapshotOnDisk?, first: [any Service], _ calls: CallsWrittenDown?
  ) async throws {
    let setup = DatabaseSetup(given: database, logger: logger)
    let sealer = try settings.sealer()
    let (connections, state) = try await connect(setup, canStartWithout: disk?.stored != nil)
    if sealer == nil { logger.noteMissingSealingKey() }
    let (consoleAddresses, consoleIsListening) = AsyncStream<SocketAddress?>.makeStream()
    // Made first: it reads the snapshot, and may fail before anything is there that has to be stopped.
    let gateway =
      roles.includesGateway
      ? try await gatewayServices(
        connections.gateway, sealer, disk, calls?.log, isAway: state == .away, startingAfter: consoleAddresses)
      : []
    var console: [any Service] = []
    if roles.includesConsole {
      console = try consoleServices(connections.console, sealer) { consoleIsListening.yield($0) }
      if state != .ready { console.append(LateDatabaseSetup(setup: setup, roles: roles, logger: logger)) }
    } else {
      consoleIsListening.yield(nil)
    }
    // What the gateway writes last is written out when it has ended.
    let services = first + (calls?.services ?? []) + console + gateway
    var configuration = ServiceGroupConfiguration(
      services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(40)
    try await ServiceGroup(configuration: configuration).run()
  }

  /// What can be had of the database when the process starts.
  private enum DatabaseState {
    case ready
    /// It answers, but could not be readied: it may have no room for connections, or for what is written.
    case refusing
    case away
  }

  /// Readies the database. With a snapshot to start from it may refuse that, or be away.
  private func connect(
    _ setup: DatabaseSetup, canStartWithout: Bool
  ) async throws -> (connections: DatabaseConnections, state: DatabaseState) {
    guard canStartWithout else { return (try await setup.connections(for: roles), .ready) }
    guard await setup.isReachable() else { return (try setup.assumedConnections(for: roles), .away) }
    do {
      return (try await setup.connections(for: roles), .ready)
    } catch DatabaseError.unreachable(let reason) {
      logger.warning("the database cannot be readied", metadata: ["error": "\(reason)"])
      return (try setup.assumedConnections(for: roles), .refusing)
    }
  }

  private func openDisk(of database: PostgresConfiguration?) async -> SnapshotOnDisk? {
    guard roles.includesGateway else { return nil }
    return await SnapshotOnDisk.open(in: settings.dataDirectory, of: database, logger: logger)
  }

  private var quiet: Logger {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    return quiet
  }
}

extension Installation {
  private func consoleServices(
    _ database: PostgresConfiguration, _ sealer: Sealer?, onListening: @escaping @Sendable (SocketAddress) -> Void
  ) throws -> [any Service] {
    var patient = database.replacing(applicationName: "latchkey console")
    // A call is a few statements that take milliseconds: who waits this long had better be told that it does not work.
    patient.statementTimeout = .seconds(3)
    patient.responseGrace = .seconds(1)
    let pool = PostgresPool(patient, name: "console", logger: logger)
    let notifier = PostgresNotifier(database.replacing(applicationName: "latchkey notifier"), logger: logger)
    let passwords = try PasswordHasher()
    var configuration = Console.Configuration(
      signUp: settings.isSignUpOpen ? .open : .closed, sessionIdleTimeout: settings.sessionIdleTimeout,
      sessionLifetime: settings.sessionLifetime)
    configuration.gatewayDomain = settings.gatewayDomain
    configuration.listenerHosts = settings.listenerHosts
    let console = Console(
      store: Store(pool: pool), passwords: passwords, sealer: sealer, configuration: configuration,
      wakeGateways: { notifier.notify(SnapshotFollower.channel) })
    let probes = ConsoleProbes(pool: pool, metrics: metrics)
    let proxies = settings.trustedProxies
    let api = ConsoleAPI(console) { proxies.contains($0) }
    let router = api.makeRouter()
    try ConsoleWeb(console, gatewayURL: { [gatewayAddress] in gatewayAddress.url }) { proxies.contains($0) }.addRoutes(
      to: router)
    probes.addRoutes(to: router)
    let requests = RequestMetrics(of: "console", factory: self.metrics)
    let listener = HTTPService(
      "console", on: settings.consoleAddress, responder: router.buildResponder(),
      handlers: { [requests.makeHandler(), BrokenRequestHandler(), LateRequestHandler()] }, logger: logger,
      onListening: onListening)
    let services: [any Service] = [
      pool, notifier, passwords, Pruning(pool: pool, usageRetention: settings.usageRetention, logger: logger),
      UsageRollUp(pool: pool, logger: logger),
      console.nodes, listener,
    ]
    guard !roles.includesGateway, let address = settings.givenInternalAddress else { return services }
    return services + [HTTPService("internal", on: address, responder: probes.responder, logger: logger)]
  }

  private func gatewayServices(
    _ database: PostgresConfiguration, _ sealer: Sealer?, _ disk: SnapshotOnDisk?, _ accessLog: AccessLog?,
    isAway: Bool,
    startingAfter consoleAddresses: AsyncStream<SocketAddress?>
  ) async throws -> [any Service] {
    let configuration = settings.gatewayConfiguration(forbidding: try await DatabaseEndpoints.resolve(database))
    let snapshots = SnapshotCell(
      maximumAge: settings.maximumSnapshotAge,
      lease: ServingLease(withoutLease: settings.withoutLease, servesUntil: .distantPast),
      onSwap: metrics.swapTimer())
    var database = database.replacing(applicationName: "latchkey gateway")
    database.maximumConnections = 1
    let pool = PostgresPool(database, name: "snapshot", logger: logger)
    let listener = PostgresListener(database, channels: [SnapshotFollower.channel], logger: logger)
    let registration = NodeRegistration(
      of: snapshots, named: NodeName.of(settings, port: settings.gatewayAddress.port), in: pool, of: database,
      keeper: disk?.keeper, after: disk?.stored?.counted,
      configuration: NodeRegistration.Configuration(maximumAge: settings.maximumSnapshotAge), logger: logger)
    let follower = SnapshotFollower(
      publishing: snapshots, from: pool, wokenBy: listener, keeper: disk?.keeper, logger: logger,
      hasRead: { registration.hasRead($0) })
    // Known before it reads, it misses nothing that somebody waits for; with the database away it will be later.
    if !isAway { await registration.register() }
    do {
      try await follower.start(from: disk?.stored, databaseIsAway: isAway)
    } catch {
      await registration.abandon()
      throw error
    }
    await registration.begin()
    let (tally, secretUses, allowances) = (RequestTally(), SecretUseLog(), Allowances())
    let usage = UsageLog()
    let spool = UsageSpool(
      in: disk == nil ? nil : settings.dataDirectory, capacity: settings.usageSpoolSize, log: usage, logger: logger)
    metrics.observe(usage, spool)
    metrics.observe(snapshots, registration, tally)
    metrics.observe(tally)
    if let accessLog { metrics.observe(accessLog) }
    let gateway = StartedAfter(events: consoleAddresses) { [settings, metrics, logger, gatewayAddress] console in
      var configuration = configuration
      if let console, let text = console.ipAddress, let address = IPAddress(text), let port = console.port {
        configuration.backendNetworks.forbiddenEndpoints.append(.init(address: address, port: port))
      }
      return Gateway(
        configuration: configuration, snapshots: snapshots, logger: logger, tally: tally,
        sealer: sealer, secretUses: secretUses, allowances: allowances, usage: usage, accessLog: accessLog,
        metrics: { metrics.exposition() },
        onListening: {
          registration.listens(as: NodeName.of(settings, port: $0.gateway.port))
          gatewayAddress.listens(at: $0.gateway.port)
        })
    }
    let uses = SecretUseWriter(secretUses, in: pool, logger: logger)
    let keeper = UsageKeeper(usage, in: spool, to: pool, logger: logger)
    return [pool, registration, listener] + (disk.map { [$0.keeper] } ?? []) + [follower, uses, keeper]
      + limitServices(allowances, as: registration.id, of: database) + [gateway]
  }

  /// What leases calls from the limits' ledger, by connections of its own: calls wait for it, so it waits for nothing.
  private func limitServices(
    _ allowances: Allowances, as node: ID<GatewayNode>, of database: PostgresConfiguration
  ) -> [any Service] {
    var database = database.replacing(applicationName: "latchkey limits")
    database.waitDeadline = .seconds(1)
    let pool = PostgresPool(database, name: "limits", logger: logger)
    let listener = PostgresListener(database, channels: [LimitLedger.channel], logger: logger)
    let ledger = LimitLedger(of: allowances, as: node, in: pool, recalledBy: listener, logger: logger)
    return [pool, listener, ledger]
  }
}
