import Framing
import NIOCore
import NIOTLS

/// A connection to a backend: reads answers and gives them to the client it is leased to.
final class BackendConnection: ChannelDuplexHandler, Watched {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case connecting, idle
    /// An answer's head is read.
    case head
    case body
    case closed
  }

  private let pool: BackendPool
  private var knownAddress: [UInt8] = []
  private var context: ChannelHandlerContext?
  private var phase = Phase.connecting
  private var client: ClientConnection?
  private var input = ByteBuffer()
  private var parser: ResponseHeadParser
  private var head = ResponseHead()
  private var decoder = BodyDecoder(ResponseBody.none)
  private var isHEAD = false
  /// What was written last and is not flushed.
  private var unwritten: ByteBuffer?
  private var ready: EventLoopPromise<NIOLoopBound<BackendConnection>>?
  /// The backend has sent all that it will, as far as TCP tells it.
  private var isInputClosed = false
  private var hasFailed = false
  /// The client takes no more for now; nor does the socket's reading go on.
  private var isReadHeld = false
  private(set) var isWritable = true
  /// The permit belongs to another connection already.
  var permitWasPassedOn = false
  /// Where it stands among those of its pool; the pool's alone.
  var poolSlot = -1
  var deadline = NIODeadline.distantFuture
  var watchSlot = -1

  init(pool: BackendPool) {
    self.pool = pool
    parser = ResponseHeadParser(limits: pool.loop.shared.configuration.limits)
  }
}

// MARK: What the pool and the client ask for

extension BackendConnection {
  /// Completed when requests can be sent.
  func whenReady(on eventLoop: any EventLoop) -> EventLoopFuture<NIOLoopBound<BackendConnection>> {
    let promise = eventLoop.makePromise(of: NIOLoopBound<BackendConnection>.self)
    if pool.key.isTLS {
      ready = promise
      deadline = pool.loop.now + pool.loop.shared.waits.connect
    } else {
      promise.succeed(NIOLoopBound(self, eventLoop: eventLoop))
    }
    return promise.futureResult
  }

  /// Begins an exchange: what comes from now on answers `client`.
  @inline(__always)
  func attach(_ client: ClientConnection, isHEAD: Bool) {
    self.client = client
    self.isHEAD = isHEAD
    unwritten = nil
    phase = .head
    deadline = .distantFuture
  }

  func becameIdle() {
    client = nil
    phase = .idle
    deadline = pool.loop.now + pool.loop.shared.waits.backendIdle
    resumeReading()
  }

  /// Takes the connection from its client. It may be used again unless bytes came that nobody asked for.
  @inline(__always)
  func release() {
    client = nil
    guard phase == .body, input.readableBytes == 0, decoder.isComplete else { return close() }
    pool.connectionFreed(self)
  }

  func close() {
    client = nil
    phase = .closed
    context?.close(promise: nil)
  }

  /// Where it leads, as text.
  var address: [UInt8] {
    guard knownAddress.isEmpty, let remote = context?.channel.remoteAddress, let ip = remote.ipAddress else {
      return knownAddress
    }
    knownAddress = Array("\(ListenAddress(host: ip, port: remote.port ?? 0))".utf8)
    return knownAddress
  }

  /// Who holds it.
  var holder: Holder? { client?.holder }

  /// Others wait for a connection.
  func hurry() { client?.hurry() }

  /// Holds the last piece back, so that it and the flush go through the pipeline as one.
  @inline(__always)
  func write(_ bytes: ByteBuffer) {
    if let unwritten { context?.write(wrapOutboundOut(unwritten), promise: nil) }
    unwritten = bytes
  }

  @inline(__always)
  func flush() {
    guard let bytes = unwritten else { return }
    unwritten = nil
    context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }

  /// Reads on after the client took what there was.
  func resumeReading() {
    guard isReadHeld else { return }
    isReadHeld = false
    context?.read()
  }
}

// MARK: Channel events

extension BackendConnection {
  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    pool.loop.watch(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    guard phase == .head || phase == .body else {
      // Nothing was asked for: what comes now could be taken for the answer to the next request.
      return close()
    }
    // Kept here, since the answer's end takes it from us.
    let client = client
    readAnswer()
    // A buffer that is let go of is the next one that the socket reads into.
    if input.readableBytes == 0 { input = ByteBuffer() }
    client?.flush()
  }

  func read(context: ChannelHandlerContext) {
    if let client, !client.isWritable, phase == .body {
      isReadHeld = true
    } else {
      context.read()
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isWritable = context.channel.isWritable
    if isWritable { client?.backendBecameWritable() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent { becameReady() }
    if case .inputClosed? = event as? ChannelEvent {
      isInputClosed = true
      context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func becameReady() {
    deadline = .distantFuture
    ready?.succeed(NIOLoopBound(self, eventLoop: pool.loop.eventLoop))
    ready = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    hasFailed = true
    ready?.fail(error)
    ready = nil
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    let (client, wasConnecting) = (client, phase == .connecting)
    let endsBody = phase == .body && wasClosedByBackend && decoder.connectionClosed()
    phase = .closed
    self.client = nil
    self.context = nil
    ready?.fail(ChannelError.eof)
    ready = nil
    pool.loop.unwatch(self)
    if !wasConnecting { pool.connectionClosed(self) }
    client?.backendClosed(endsBody: endsBody)
    client?.flush()
  }

  /// Whether the connection was ended on purpose, so that an answer that lasts until then is whole. A write that fails
  /// closes it without an error; TLS tells by one when its end is missing.
  private var wasClosedByBackend: Bool { !hasFailed && (isInputClosed || pool.key.isTLS) }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    pool.loop.unwatch(self)
  }

  func deadlinePassed() { context?.close(promise: nil) }

  /// What it carries is its client's to judge.
  func judgeAgain() {}

  func drain() { if phase == .idle { close() } }

  func abort() { context?.close(promise: nil) }
}

// MARK: Answers

extension BackendConnection {
  private func readAnswer() {
    while let client, input.readableBytes > 0 {
      switch phase {
      case .head: guard readHead(client) else { return }
      case .body: guard readBody(client) else { return }
      case .connecting, .idle, .closed: return
      }
    }
  }

  /// - Returns: Whether there is more to do.
  private func readHead(_ client: ClientConnection) -> Bool {
    client.answerBytesArrived()
    let input = input
    do {
      guard try parser.parse(input.readableBytesUInt8Span, into: &head) else { return false }
    } catch {
      client.answerFailed()
      return false
    }
    begin(head, input, client)
    return true
  }

  private func begin(_ head: ResponseHead, _ input: ByteBuffer, _ client: ClientConnection) {
    if head.isInformational {
      client.informational(head, input)
      self.input.moveReaderIndex(forwardBy: head.byteCount)
      return
    }
    let body = head.body(toHEAD: isHEAD)
    decoder = BodyDecoder(body, limits: pool.loop.shared.configuration.limits)
    phase = .body
    client.answerHead(head, body, input)
    self.input.moveReaderIndex(forwardBy: head.byteCount)
    if decoder.isComplete { client.answerBody(nil, trailers: [], in: input, isEnd: true) }
  }

  private func readBody(_ client: ClientConnection) -> Bool {
    let frame = input
    let step: BodyStep
    do { step = try decoder.next(frame.readableBytesUInt8Span) } catch {
      client.answerFailed()
      return false
    }
    if step.needsMore { return false }
    input.moveReaderIndex(forwardBy: step.framing)
    let piece = input.readSlice(length: step.data)
    if step.data > 0 || step.isEnd {
      client.answerBody(piece, trailers: step.isEnd ? decoder.trailers : [], in: frame, isEnd: step.isEnd)
    }
    return true
  }
}
