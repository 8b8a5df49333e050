package import Logging
package import Metering
package import NIOCore
import NIOPosix
import NIOSSL
package import Routing
package import Sealing
import ServiceLifecycle

/// The data plane: listens for callers' traffic and for checks, and forwards or answers by the published snapshot.
package struct Gateway: Service {
  private let configuration: Configuration
  private let snapshots: SnapshotCell
  private let logger: Logger
  private let tally: RequestTally
  private let sealer: Sealer?
  private let secretUses: SecretUseLog
  private let allowances: Allowances
  private let usage: UsageLog
  private let accessLog: AccessLog?
  private let metrics: @Sendable () -> String
  private let clock: @Sendable () -> UnixTime
  private let lookUp: @Sendable (String) -> [SocketAddress]?
  private let onListening: @Sendable (BoundAddresses) -> Void

  /// Where the listeners are in the end, for who asked for any free port.
  package struct BoundAddresses: Sendable {
    package let gateway: ListenAddress
    package let `internal`: ListenAddress
  }

  /// - Parameters:
  ///   - snapshots: What calls are decided by; published from elsewhere.
  ///   - tally: Where answered requests are counted.
  ///   - sealer: Opens backends' own headers, and tells by what imported values are known; without one a gateway reaches
  ///     no backend that has such headers, and takes no such values.
  ///   - secretUses: Where the secrets that calls were admitted by are told, six times a minute.
  ///   - allowances: What calls are let through of limits; someone else asks the ledger for it.
  ///   - usage: Where what was counted of calls is told, some times a second.
  ///   - accessLog: Where calls and checks are written down; nil: nowhere.
  ///   - metrics: What `/metrics` answers, in Prometheus' text format.
  ///   - clock: What expiries are held against.
  ///   - lookUp: Gives the addresses of a backend's name, or nil when that fails; may block.
  ///   - onListening: Called once both listeners are open.
  package init(
    configuration: Configuration, snapshots: SnapshotCell, logger: Logger, tally: RequestTally = RequestTally(),
    sealer: Sealer? = nil, secretUses: SecretUseLog = SecretUseLog(), allowances: Allowances = Allowances(),
    usage: UsageLog = UsageLog(),
    accessLog: AccessLog? = nil, metrics: @escaping @Sendable () -> String = { "" },
    clock: @escaping @Sendable () -> UnixTime = { .now() },
    lookUp: @escaping @Sendable (String) -> [SocketAddress]? = { SystemNames.addresses(of: $0) },
    onListening: @escaping @Sendable (BoundAddresses) -> Void = { _ in }
  ) {
    var configuration = configuration
    // However many processors there will be: what counts by loop is made for as many.
    configuration.eventLoops = configuration.eventLoopCount
    self.configuration = configuration
    self.snapshots = snapshots
    self.logger = logger
    (self.tally, self.sealer, self.secretUses, self.metrics) = (tally, sealer, secretUses, metrics)
    (self.allowances, self.usage, self.accessLog) = (allowances, usage, accessLog)
    (self.clock, self.lookUp) = (clock, lookUp)
    self.onListening = onListening
  }

  /// Whether a gateway can be configured so, before anything is started.
  /// - Throws: ``GatewayError`` when a certificate file cannot be read.
  package static func check(_ configuration: Configuration) throws {
    _ = try BackendTLS.context(authorities: configuration.backendAuthorities)
  }

  /// Serves until the graceful shutdown is asked for and requests in flight have ended, or the task is cancelled.
  /// - Throws: ``GatewayError`` when it cannot listen or a certificate file cannot be read.
  package func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopCount)
    let resolver = Resolver(timeToLive: TimeAmount(configuration.timeouts.resolution), lookUp: lookUp)
    do {
      try await serve(on: group, resolver)
    } catch {
      await Self.shutDown(group, resolver)
      throw error
    }
    await Self.shutDown(group, resolver)
  }

  private func serve(on group: MultiThreadedEventLoopGroup, _ resolver: Resolver) async throws {
    let shared = SharedState(
      configuration, snapshots: snapshots, resolver: resolver,
      tls: try BackendTLS.context(authorities: configuration.backendAuthorities), logger: logger, tally: tally,
      sealer: sealer, secretUses: secretUses, allowances: allowances, usage: usage,
      accessLog: accessLog, metrics: metrics,
      clock: clock)
    let loops = try await LoopGroup(group, shared)
    let listeners = try await Listeners(configuration, group, loops)
    do {
      onListening(BoundAddresses(gateway: listeners.gateway.address, internal: listeners.internal.address))
      logger.info(
        "Gateway is listening",
        metadata: [
          "gateway": "\(listeners.gateway.address)", "internal": "\(listeners.internal.address)",
        ])
      try await withTaskCancellationOrGracefulShutdownHandler {
        try await listeners.waitUntilClosed()
      } onCancelOrGracefulShutdown: {
        listeners.closeSoon()
      }
    } catch {
      listeners.close()
      await loops.stop()
      throw error
    }
    await loops.drain(for: Task.isCancelled ? .zero : configuration.timeouts.shutdown)
    await loops.stop()
  }

  private static func shutDown(_ group: MultiThreadedEventLoopGroup, _ resolver: Resolver) async {
    await resolver.shutDown()
    try? await group.shutdownGracefully()
  }
}

/// Why the gateway does not start.
package enum GatewayError: Error, Sendable, CustomStringConvertible {
  case addressInUse(ListenAddress)
  case cannotListen(ListenAddress, reason: String)
  case unreadableAuthorities(path: String)

  package var description: String {
    switch self {
    case .addressInUse(let address): "\(address) is in use by another process"
    case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
    case .unreadableAuthorities(let path): "\(path) holds no readable certificates"
    }
  }
}
