package import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One end of a TCP connection as a test sees it: bytes out, bytes in, and how the other side ends.
package actor Wire {
  package enum Ending: Error, Equatable { case closed, reset }

  private let channel: any Channel
  private let stream: AsyncStream<ByteBuffer>
  private let inbox: WireInbox
  private var received: [UInt8] = []

  package init(_ channel: any Channel, _ inbox: WireInbox) {
    self.channel = channel
    self.inbox = inbox
    stream = inbox.stream
  }

  /// Connects to a listener on loopback.
  /// - Parameter source: The address on loopback to connect from.
  package static func connect(
    to port: Int, host: String = "127.0.0.1", from source: String? = nil
  ) async throws -> Wire {
    let inbox = WireInbox()
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
    let channel =
      try await bootstrap
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { $0.pipeline.addHandler(inbox) }
      .connect(host: host, port: port).get()
    return Wire(channel, inbox)
  }

  package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

  /// Ends our side; the other may still send.
  package func finish() async throws { try await channel.close(mode: .output) }

  package func close() async throws {
    do { try await channel.close() } catch ChannelError.alreadyClosed {}
  }

  /// Ends our side beneath the handler with this name, which is not asked what it would say at the end.
  package func finish(below name: String) async throws {
    try await channel.pipeline.context(name: name).flatMap { context in context.close(mode: .output) }.get()
  }

  /// Closes with a reset.
  package func reset() async throws {
    if let socket = channel as? any SocketOptionProvider {
      try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    try await close()
  }

  /// Stops taking what is sent, so that the other side feels it.
  package func pauseReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
  package func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

  /// Reads until `text` has come, and gives all up to its end.
  package func read(through text: String) async throws -> String {
    let mark = Array(text.utf8)
    while true {
      if let end = received.firstRange(of: mark)?.upperBound {
        defer { received.removeFirst(end) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      guard await receive() else { throw inbox.wasReset ? Ending.reset : Ending.closed }
    }
  }

  package func readHead() async throws -> String { try await read(through: "\r\n\r\n") }

  package func read(count: Int) async throws -> String {
    while received.count < count {
      guard await receive() else { throw inbox.wasReset ? Ending.reset : Ending.closed }
    }
    defer { received.removeFirst(count) }
    return String(decoding: received[..<count], as: UTF8.self)
  }

  /// Reads until the other side ends, and gives all that came. A reset is an error.
  package func readToEnd() async throws -> String {
    while await receive() {}
    if inbox.wasReset { throw Ending.reset }
    defer { received = [] }
    return String(decoding: received, as: UTF8.self)
  }

  /// Reads until the other side ends, however it does.
  package func readToAnyEnd() async -> (text: String, ending: Ending) {
    while await receive() {}
    defer { received = [] }
    return (String(decoding: received, as: UTF8.self), inbox.wasReset ? .reset : .closed)
  }

  /// Reads and throws away `count` bytes.
  package func skip(_ count: Int) async throws {
    var left = count
    while left > 0 {
      if received.isEmpty, await !receive() { throw Ending.closed }
      let taken = min(left, received.count)
      received.removeFirst(taken)
      left -= taken
    }
  }

  private func receive() async -> Bool {
    var iterator = stream.makeAsyncIterator()
    guard let bytes = await iterator.next() else { return false }
    received += bytes.readableBytesView
    return true
  }
}

/// Puts what a channel receives into a stream that ends when the other side does.
package final class WireInbox: ChannelInboundHandler, Sendable {
  package typealias InboundIn = ByteBuffer

  let stream: AsyncStream<ByteBuffer>
  private let continuation: AsyncStream<ByteBuffer>.Continuation
  private let reset = Mutex(false)

  package init() { (stream, continuation) = AsyncStream.makeStream() }

  var wasReset: Bool { reset.withLock { $0 } }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { continuation.finish() }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reset.withLock { $0 = true }
    context.close(promise: nil)
  }

  package func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
}
