import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Reads traffic with llhttp, through SwiftNIO's codec for servers and clients.
enum LlhttpReader {
  static func read(_ traffic: Traffic) throws -> Reading {
    switch traffic.direction {
    case .requests:
      let collector = Collector<HTTPServerRequestPart>()
      let decoder = HTTPRequestDecoder(
        leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop, limitConfiguration: limits)
      return try read(traffic, by: ByteToMessageHandler(decoder), collector)
    case .responses:
      let collector = Collector<HTTPClientResponsePart>()
      let decoder = HTTPResponseDecoder(
        leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward, limitConfiguration: limits)
      return try read(traffic, by: ByteToMessageHandler(decoder), collector)
    }
  }

  /// Of fields there may be more than we take, so that it is not theirs that decides.
  private static let limits = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldCount = 1024
    return limits
  }()

  private static func read<Part>(
    _ traffic: Traffic, by decoder: some ChannelHandler, _ collector: Collector<Part>
  ) throws -> Reading {
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandlers([decoder, collector])
    if traffic.direction == .responses {
      for isHEAD in traffic.toHEAD { collector.ask(isHEAD ? .HEAD : .GET) }
    }
    for piece in traffic.pieces where collector.isOpen {
      channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
    }
    let complete = collector.reading.messages.last?.isComplete ?? true
    // Tells the decoder that the connection was closed, and lets go of it. What went wrong is kept.
    _ = try? channel.finish(acceptAlreadyClosed: true)
    if !complete, collector.reading.messages.last?.isComplete == true { collector.reading.endedByClose = true }
    return collector.reading
  }
}

/// Puts together what the codec says.
private final class Collector<Part>: ChannelInboundHandler {
  typealias InboundIn = Part
  typealias OutboundOut = HTTPClientRequestPart

  var reading = Reading()
  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  var isOpen: Bool {
    if case .open = reading.ending { true } else { false }
  }

  /// Tells the codec of a request, whose answer it will read.
  func ask(_ method: HTTPMethod) {
    let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/")
    context?.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case let part as HTTPServerRequestPart: take(part)
    case let part as HTTPClientResponsePart: take(part)
    default: preconditionFailure("a part of neither")
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A message that was cut off is none of which any byte is wrong.
    if error as? HTTPParserError == .invalidEOFState { return }
    if isOpen { reading.ending = .refused("\(error)") }
  }

  private func take(_ part: HTTPServerRequestPart) {
    switch part {
    case .head(let head):
      reading.messages.append(
        Reading.Message(
          start: [Array(head.method.rawValue.utf8), Array(head.uri.utf8)], minorVersion: head.version.minor,
          fields: lines(head.headers), keepsConnection: head.isKeepAlive))
    case .body(let bytes): append(bytes)
    case .end(let trailers): end(trailers)
    }
  }

  private func take(_ part: HTTPClientResponsePart) {
    switch part {
    case .head(let head):
      reading.messages.append(
        Reading.Message(
          start: [Array("\(head.status.code)".utf8)], minorVersion: head.version.minor, fields: lines(head.headers)))
      // What is only a sign of life has no end of its own.
      if (100..<200).contains(head.status.code), head.status.code != 101 { end(nil) }
    case .body(let bytes): append(bytes)
    case .end(let trailers): end(trailers)
    }
  }

  private func append(_ bytes: ByteBuffer) {
    reading.messages[reading.messages.count - 1].body += bytes.readableBytesView
  }

  private func end(_ trailers: HTTPHeaders?) {
    reading.messages[reading.messages.count - 1].isComplete = true
    reading.messages[reading.messages.count - 1].trailers = trailers.map(lines) ?? []
  }

  private func lines(_ headers: HTTPHeaders) -> [Reading.Line] {
    headers.map { Reading.Line(name: $0.name.utf8, value: $0.value.utf8) }
  }
}
