import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The two listening sockets. One loop accepts for each and deals the connections out in turn, which spreads a few
/// dozen of them evenly where SO_REUSEPORT would hash them.
struct Listeners: Sendable {
  struct Listener: Sendable {
    let channel: any Channel
    let address: ListenAddress
  }

  let gateway: Listener
  let `internal`: Listener

  init(_ configuration: Configuration, _ group: MultiThreadedEventLoopGroup, _ loops: LoopGroup) async throws {
    gateway = try await Self.listen(on: configuration.gatewayAddress, .gateway, group, loops)
    do {
      `internal` = try await Self.listen(on: configuration.internalAddress, .internal, group, loops)
    } catch {
      try? await gateway.channel.close()
      throw error
    }
  }

  func close() {
    gateway.channel.close(promise: nil)
    `internal`.channel.close(promise: nil)
  }

  /// Closes both after some turns of their loops: who has connected by now is let in, and not reset by the system.
  func closeSoon() {
    for channel in [gateway.channel, `internal`.channel] {
      // Counted from a turn of the loop, which may have been busy for longer.
      channel.eventLoop.execute {
        channel.eventLoop.scheduleTask(in: Self.lastAccepts) { channel.close(promise: nil) }
      }
    }
  }

  private static let lastAccepts = TimeAmount.milliseconds(100)

  func waitUntilClosed() async throws {
    try await gateway.channel.closeFuture.get()
    try await `internal`.channel.closeFuture.get()
  }

  private static func listen(
    on address: ListenAddress, _ role: ClientConnection.Role, _ group: MultiThreadedEventLoopGroup, _ loops: LoopGroup
  ) async throws -> Listener {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let loop = loops.current(channel.eventLoop)
          let peer = Peer(channel.remoteAddress, trustedProxies: loop.shared.configuration.trustedProxies)
          try channel.pipeline.syncOperations.addHandler(ClientConnection(loop: loop, role: role, peer: peer))
        }
      }
    do {
      let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
      let port = channel.localAddress?.port ?? address.port
      if let ip = channel.localAddress.flatMap({ IPAddress($0) }) {
        loops.shared.forbid(BackendNetworks.Endpoint(address: ip, port: port))
      }
      return Listener(channel: channel, address: ListenAddress(host: address.host, port: port))
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw GatewayError.addressInUse(address)
    } catch {
      throw GatewayError.cannotListen(address, reason: "\(error)")
    }
  }
}
