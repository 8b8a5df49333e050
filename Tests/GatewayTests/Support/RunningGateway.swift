import Logging
import Metering
import Model
import NIOCore
import Routing
import Sealing
import ServiceLifecycle
import TestWire

@testable import Gateway

/// A gateway on free ports of loopback, for the length of a test.
struct RunningGateway: Sendable {
  let port: Int
  let internalPort: Int
  let snapshots: SnapshotCell
  private let services: ServiceGroup

  /// Runs a gateway that forwards by `world`, and stops it afterwards.
  static func with<Result: Sendable>(
    _ world: World, configure: (inout Configuration) -> Void = { _ in },
    clock: @escaping @Sendable () -> UnixTime = { .now() }, lease: ServingLease = ServingLease(),
    lookUp: @escaping @Sendable (String) -> [SocketAddress]? = { SystemNames.addresses(of: $0) },
    tally: RequestTally = RequestTally(), secretUses: SecretUseLog = SecretUseLog(),
    allowances: Allowances = Allowances(), usage: UsageLog = UsageLog(), accessLog: AccessLog? = nil,
    metrics: @escaping @Sendable () -> String = { "" }, sealer: Sealer? = nil,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    _ body: @Sendable @escaping (RunningGateway) async throws -> Result
  ) async throws -> Result {
    var configuration = Configuration()
    configuration.gatewayAddress.port = 0
    configuration.internalAddress.port = 0
    // One loop, so that a test knows which connection to the backend is used again.
    configuration.eventLoops = 1
    configuration.backendNetworks.allowsLoopback = true
    configuration.timeouts.shutdown = .seconds(5)
    configure(&configuration)
    let snapshots = SnapshotCell(lease: lease)
    snapshots.publish(world.snapshot())
    snapshots.freshness.confirm(at: lease.now())
    let (addresses, continuation) = AsyncStream<Gateway.BoundAddresses>.makeStream()
    let gateway = Gateway(
      configuration: configuration, snapshots: snapshots,
      logger: logger, tally: tally, sealer: sealer, secretUses: secretUses, allowances: allowances,
      usage: usage,
      accessLog: accessLog, metrics: metrics,
      clock: clock,
      lookUp: lookUp
    ) { continuation.yield($0) }
    let services = ServiceGroup(
      services: [gateway], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await services.run()
      }
      var iterator = addresses.makeAsyncIterator()
      guard let bound = await iterator.next() else {
        try await group.next()
        throw CancellationError()
      }
      let running = RunningGateway(
        port: bound.gateway.port, internalPort: bound.internal.port, snapshots: snapshots, services: services)
      let result: Swift.Result<Result, any Error>
      do { result = .success(try await body(running)) } catch { result = .failure(error) }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
      return try result.get()
    }
  }

  func connect() async throws -> Wire { try await Wire.connect(to: port) }
  func connectInternally() async throws -> Wire { try await Wire.connect(to: internalPort) }
  func stop() async { await services.triggerGracefulShutdown() }
}

/// A request for the group `echo` with a good key.
func request(
  _ method: String = "GET", _ path: String = "/acme/online/echo/ok", _ fields: String = "", keyed: Bool = true,
  body: String = ""
) -> String {
  let key = keyed ? "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n" : ""
  return "\(method) \(path) HTTP/1.1\r\nHost: api.example\r\n\(key)\(fields)\r\n\(body)"
}
