import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestWire

/// A backend whose every connection the test plays itself.
final class ScriptedBackend: Sendable {
  private let channel: any Channel
  private let stream: AsyncStream<Wire>
  private let accepted: Counter

  var port: Int { channel.localAddress?.port ?? 0 }
  /// Connections so far.
  var connections: Int { accepted.value }

  static func with<Result: Sendable>(
    host: String = "127.0.0.1", certificate: TestCertificate? = nil, _ body: (ScriptedBackend) async throws -> Result
  ) async throws -> Result {
    let backend = try await ScriptedBackend(host: host, certificate)
    do {
      let result = try await body(backend)
      try await backend.close()
      return result
    } catch {
      try await backend.close()
      throw error
    }
  }

  private init(host: String, _ certificate: TestCertificate?) async throws {
    let tls = try certificate.map { certificate in
      let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile)
      let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
      return try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
    }
    let (stream, continuation) = AsyncStream<Wire>.makeStream()
    let accepted = Counter()
    self.stream = stream
    self.accepted = accepted
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let inbox = WireInbox()
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), name: "TLS") }
          try channel.pipeline.syncOperations.addHandler(inbox)
          accepted.increment()
          continuation.yield(Wire(channel, inbox))
        }
      }
      .bind(host: host, port: 0).get()
  }

  /// The next connection that the gateway opens.
  func accept() async throws -> Wire {
    var iterator = stream.makeAsyncIterator()
    guard let wire = await iterator.next() else { throw Wire.Ending.closed }
    return wire
  }

  func close() async throws { try await channel.close() }
}

/// Counts from any thread.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}
