import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A backend in this process that answers with the target and the header lines that it received, and counts.
final class EchoBackend: Sendable {
  private let channel: any Channel
  private let received: Mutex<Int>.Box

  /// With a base path, which calls must come out under.
  var url: String { "http://127.0.0.1:\(channel.localAddress!.port!)/base" }
  /// How many requests have come.
  var requests: Int { received.value }

  static func with<Result>(_ body: (EchoBackend) async throws -> Result) async throws -> Result {
    let backend = try await EchoBackend()
    return try await backend.channel.closing { try await body(backend) }
  }

  private init() async throws {
    let received = Mutex<Int>.Box()
    self.received = received
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(EchoHandler(received))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }
}

extension Mutex<Int> {
  /// A counter that several threads share.
  final class Box: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
  }
}

private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let received: Mutex<Int>.Box
  private var head: HTTPRequestHead?

  init(_ received: Mutex<Int>.Box) { self.received = received }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      received.increment()
      let lines = head.headers.map { ["\($0.name)", "\($0.value)"] }
      let answer: [String: Any] = ["target": head.uri, "headers": lines]
      guard let json = try? JSONSerialization.data(withJSONObject: answer, options: .withoutEscapingSlashes) else {
        return
      }
      let headers = HTTPHeaders([("Content-Length", "\(json.count)"), ("Content-Type", "application/json")])
      context.write(
        wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: json)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
