import NIOCore
import NIOPosix
import NIOSSL

/// Opens a connection to a backend: resolves its name, judges each address, dials the addresses one after another.
///
/// What is dialled is the address that was judged, so a name cannot change its mind in between.
struct Connector {
  typealias Completion = (Result<BackendConnection, ExchangeFailure>) -> Void

  /// Opens a connection for `pool`, on its loop, where `completion` is called once.
  static func connect(_ pool: BackendPool, then completion: @escaping Completion) {
    let eventLoop = pool.loop.eventLoop
    let bound = NIOLoopBound((pool, completion), eventLoop: eventLoop)
    resolve(pool) { addresses in
      if eventLoop.inEventLoop {
        dial(addresses[...], bound.value.0, bound.value.1)
      } else {
        eventLoop.execute { dial(addresses[...], bound.value.0, bound.value.1) }
      }
    }
  }

  private static func resolve(_ pool: BackendPool, then completion: @escaping @Sendable ([SocketAddress]) -> Void) {
    let key = pool.key
    if let literal = try? SocketAddress(ipAddress: key.host, port: key.port) { return completion([literal]) }
    pool.loop.shared.resolver.resolve(key.host) { addresses in
      completion(addresses.map { $0.with(port: key.port) })
    }
  }

  private static func dial(
    _ addresses: ArraySlice<SocketAddress>, _ pool: BackendPool, _ completion: @escaping Completion
  ) {
    guard let address = addresses.first(where: pool.loop.shared.allows) else {
      return completion(.failure(.unreachable))
    }
    let rest = addresses[(addresses.firstIndex(of: address)! + 1)...]
    let eventLoop = pool.loop.eventLoop
    let bound = NIOLoopBound((pool, completion), eventLoop: eventLoop)
    ClientBootstrap(group: eventLoop)
      .connectTimeout(pool.loop.shared.waits.connect)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      // So that its end is told apart from a broken connection; TLS tells by itself, and would wait for an end of its own.
      .channelOption(.allowRemoteHalfClosure, value: !pool.key.isTLS)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let (pool, _) = bound.value
          if pool.key.isTLS { try channel.pipeline.syncOperations.addHandler(tlsHandler(pool)) }
          try channel.pipeline.syncOperations.addHandler(BackendConnection(pool: pool))
        }
      }
      .connect(to: address)
      .flatMap { channel in ready(channel) }
      .whenComplete { result in
        let (pool, completion) = bound.value
        switch result {
        case .success(let connection): completion(.success(connection.value))
        case .failure where rest.isEmpty: completion(.failure(.unreachable))
        case .failure: dial(rest, pool, completion)
        }
      }
  }

  /// The connection once bytes can be sent on it, which over TLS is after the handshake.
  private static func ready(_ channel: any Channel) -> EventLoopFuture<NIOLoopBound<BackendConnection>> {
    do {
      let connection = try channel.pipeline.syncOperations.handler(type: BackendConnection.self)
      return connection.whenReady(on: channel.eventLoop)
    } catch { return channel.eventLoop.makeFailedFuture(error) }
  }

  private static func tlsHandler(_ pool: BackendPool) throws -> NIOSSLClientHandler {
    // An address is no server name (RFC 6066 §3); the certificate then has to be for the address.
    let name = IPAddress(pool.key.host) == nil ? pool.key.host : nil
    return try NIOSSLClientHandler(context: pool.loop.shared.tls, serverHostname: name)
  }
}

extension SocketAddress {
  fileprivate func with(port: Int) -> SocketAddress {
    var address = self
    address.port = port
    return address
  }
}
