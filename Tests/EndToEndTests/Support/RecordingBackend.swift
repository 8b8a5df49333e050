import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A backend in this process that keeps every byte it gets, and answers each request that llhttp sees in them.
final class RecordingBackend: Sendable {
  private let channel: any Channel
  private let record: Record

  var port: Int { channel.localAddress!.port! }
  /// With a base path, which calls must come out under.
  var url: String { "http://127.0.0.1:\(port)/base" }

  /// What came on each connection, in the order in which they were opened.
  var connections: [[UInt8]] { record.state.withLock { $0.connections } }
  /// All that came, as text whose characters are the bytes.
  var text: String { connections.map { String(latin1: $0) }.joined(separator: "\n") }
  /// Method and target of each request, as llhttp reads them.
  var requests: [String] { record.state.withLock { $0.requests } }

  /// The lines of the only request's head.
  var lines: [String] {
    text.components(separatedBy: "\r\n\r\n").first.map { $0.components(separatedBy: "\r\n") } ?? []
  }

  /// The values of every field with this name that came, in any request.
  func values(_ name: String) -> [String] {
    text.components(separatedBy: "\r\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
      return String(parts[1].drop { $0 == " " })
    }
  }

  /// How it answers.
  enum Behaviour: Sendable {
    /// 200 with a short body.
    case answers
    /// The first request of each connection; with the second it closes it, as a server whose patience ended.
    case answersOncePerConnection
    case redirects(to: String)
    /// 200 with as many bytes.
    case answersAtLength(Int)
    /// 200, with a cookie for its own host and all hosts beside it.
    case setsCookies
    /// Half a body; the rest after ``RecordingBackend/release()``.
    case holds
  }

  /// How many answers are held.
  var heldAnswers: Int { record.state.withLock { $0.held.count } }

  /// Sends the rest of every answer that is held.
  func release() {
    let held = record.state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for finish in held { finish() }
  }

  static func with<Result>(
    _ behaviour: Behaviour = .answers, _ body: (RecordingBackend) async throws -> Result
  ) async throws -> Result {
    let backend = try await RecordingBackend(behaviour)
    return try await backend.channel.closing { try await body(backend) }
  }

  private init(_ behaviour: Behaviour) async throws {
    let record = Record()
    self.record = record
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Recorder(record))
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Answerer(record, behaviour))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }
}

private final class Record: Sendable {
  let state = Mutex((connections: [[UInt8]](), requests: [String](), held: [@Sendable () -> Void]()))
}

/// Keeps what comes before anything else sees it.
private final class Recorder: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let record: Record
  private let number: Int

  init(_ record: Record) {
    self.record = record
    number = record.state.withLock {
      $0.connections.append([])
      return $0.connections.count - 1
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    record.state.withLock { $0.connections[number] += bytes.readableBytesView }
    context.fireChannelRead(data)
  }
}

private final class Answerer: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let record: Record
  private let behaviour: RecordingBackend.Behaviour
  private var answered = 0

  init(_ record: Record, _ behaviour: RecordingBackend.Behaviour) {
    (self.record, self.behaviour) = (record, behaviour)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): record.state.withLock { $0.requests.append("\(head.method) \(head.uri)") }
    case .body: break
    case .end: answer(context)
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    answered += 1
    var status = HTTPResponseStatus.ok
    var body = ByteBuffer(string: "hello")
    var length = 5
    var headers = HTTPHeaders()
    switch behaviour {
    case .answers: break
    case .answersOncePerConnection: if answered > 1 { return context.close(promise: nil) }
    case .redirects(let location):
      status = .found
      headers.add(name: "Location", value: location)
    case .answersAtLength(let bytes):
      length = bytes
      body = ByteBuffer(repeating: 0x61, count: length)
    case .setsCookies: headers.add(name: "Set-Cookie", value: "latchkey-session=forged; Path=/; Domain=gw.example")
    case .holds: length = 10
    }
    headers.add(name: "Content-Length", value: "\(length)")
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    if case .holds = behaviour { hold(context) } else { end(context) }
  }

  private func hold(_ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    record.state.withLock { state in
      state.held.append {
        bound.eventLoop.execute {
          let (handler, context) = bound.value
          context.write(handler.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "world")))), promise: nil)
          handler.end(context)
        }
      }
    }
  }

  private func end(_ context: ChannelHandlerContext) { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
}

extension String {
  /// Each byte as the character of its number.
  init(latin1 bytes: [UInt8]) { self = String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) })) }
}
