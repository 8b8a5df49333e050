import Framing
import NIOCore
import Routing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// MARK: Answers of the gateway's own

extension ClientConnection {
  /// Answers the request whose head is in hand, without a backend.
  ///
  /// A body that is short and surely comes is read and thrown away; after any other the connection closes, so that
  /// nothing of it is ever taken for a request.
  func answer(_ answer: LocalAnswer) {
    loop.requests.count(answer.status, on: .gateway)
    let keeps = head.keepsConnection && !loop.isDraining && isBodyShort
    answer.saying(crossOrigin).write(
      to: &output, id: requestID, date: loop.httpDate, isHEAD: head.isHEAD, connection: connectionLine(closing: !keeps))
    input.moveReaderIndex(forwardBy: head.byteCount)
    guard keeps else { return closeAfterAnswer() }
    decoder = BodyDecoder(head.body, limits: loop.shared.configuration.limits)
    awaitRequest()
    if !decoder.isComplete {
      state = .discarding
      deadline = loop.now + loop.shared.waits.bodyIdle
    }
  }

  /// What an answer to the head in hand says about the connection, where its version does not say it already.
  func connectionLine(closing: Bool) -> StaticString {
    if closing { return "Connection: close\r\n" }
    return head.version == .http11 ? "" : "Connection: keep-alive\r\n"
  }

  private var isBodyShort: Bool {
    switch head.body {
    case .none: true
    case .length(let length): length <= Self.discardedBody && !head.expectsContinue
    case .chunked: false
    }
  }

  private static let discardedBody: UInt64 = 64 * 1024

  /// Answers what is no request: nobody knows where the next one would begin.
  func refuseUnreadable(_ answer: LocalAnswer) {
    if role == .gateway { loop.requests.count(answer.status, on: .gateway) }
    (unreadCheck?.adapt(answer) ?? answer).write(
      to: &output, id: requestID, date: loop.httpDate, isHEAD: false, connection: "Connection: close\r\n")
    closeAfterAnswer()
  }
}

// MARK: Writing and closing

extension ClientConnection {
  @inline(__always)
  func writeToSocket(_ bytes: ByteBuffer) {
    context?.write(wrapOutboundOut(bytes), promise: nil)
    hasWritten = true
  }

  /// Hands what was gathered to the socket's queue.
  @inline(__always)
  func writeOutput() {
    guard output.readableBytes > 0 else { return }
    writeToSocket(output)
    output.empty()
  }

  /// Sends all that was gathered, as one write where that is possible.
  func flush() {
    guard output.readableBytes > 0 || hasWritten else { return }
    guard let context else { return output.clear() }
    hasWritten = false
    if output.readableBytes > 0 {
      context.writeAndFlush(wrapOutboundOut(output), promise: nil)
      output.empty()
    } else {
      context.flush()
    }
  }

  /// Ends the connection so that the client cannot take what it got for a whole answer: with a reset.
  func cut() {
    guard let context, state != .closed else { return }
    state = .closed
    output.clear()
    if let socket = context.channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.close(promise: nil)
  }

  /// Closes once the answer is sent: first for writing, and wholly when the client has closed too, since a client that
  /// still sends would lose the answer to a reset.
  func closeAfterAnswer() {
    guard let context, state != .lingering, state != .closed else { return }
    writeOutput()
    state = .lingering
    deadline = loop.now + loop.shared.waits.linger
    input = ByteBuffer()
    hasWritten = false
    if isInputClosed {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.close(promise: nil) }
    } else {
      context.flush()
      context.close(mode: .output, promise: nil)
      resumeReading()
    }
  }

  /// Throws away what a closing connection still sends.
  func discard(_ bytes: Int) {
    lingeringBytes += bytes
    if lingeringBytes > Self.lingeringLimit { context?.close(promise: nil) }
  }

  private static let lingeringLimit = 1 << 20
}

// MARK: Deadlines

extension ClientConnection {
  func deadlinePassed() {
    deadline = .distantFuture
    switch state {
    case .head where input.readableBytes == 0: closeAfterAnswer()
    case .head:
      requestID = RequestID(using: &loop.requestIDs)
      refuseUnreadable(LocalAnswer(.requestTimeout))
    case .exchange: exchangeTimedOut()
    case .discarding, .lingering, .closed: context?.close(promise: nil)
    }
  }

  private func exchangeTimedOut() {
    if exchange.awaitsContinue {
      perform(exchange.continueOverdue())
      progressed()
    } else if exchange.awaitsRequestBody, let backend, backend.isWritable {
      perform(exchange.requestFailed(.requestTimeout))
    } else {
      perform(exchange.backendTimedOut())
    }
    if !isProcessing { process() }
  }

  func judgeAgain() {
    guard state == .exchange, let standing else { return }
    if !loop.checkServable() {
      // Nobody knows what has been revoked meanwhile, and receipts count on it that nothing goes on without a lease.
      perform(exchange.forbidden(.notServable))
    } else if let refusal = loop.reader.snapshot.refusal(of: standing, at: loop.shared.clock()) {
      perform(exchange.forbidden(.revoked(refusal)))
    } else {
      return
    }
    if !isProcessing { process() }
  }

  func drain() {
    if state == .head, input.readableBytes == 0 { closeAfterAnswer() }
  }

  func abort() { context?.close(promise: nil) }
}
