import Framing
import NIOCore
import Routing

// MARK: Answers of the gateway's own

extension ClientConnection {
  /// Answers the request whose head is in hand, without a backend.
  ///
  /// A body that is short and surely comes is read and thrown away; after any other the connection closes, so that
  /// nothing of it is ever taken for a request.
  func answer(_ answer: LocalAnswer) {
    loop.requests.count(answer.status, on: .gateway)
    giveBack(ifFailed: answer.status)
    let keeps = head.keepsConnection && !loop.isDraining && !isSurplus && isBodyShort
    let written = output.writerIndex
    answer.saying(crossOrigin).saying(standings).write(
      to: &output, id: requestID, date: loop.httpDate, isHEAD: head.isHEAD, connection: connectionLine(closing: !keeps))
    call.bytesOut += output.writerIndex - written
    endCall(answer)
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
    if role == .gateway || unreadCheck != nil { endUnreadableCall(answer) }
    closeAfterAnswer()
  }
}

// MARK: Writing

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
    case .lingering: lingeredEnough()
    case .discarding, .closed: context?.close(promise: nil)
    case .limiting, .queued: break
    }
  }

  private func exchangeTimedOut() {
    if exchange.awaitsContinue {
      perform(exchange.continueOverdue())
      progressed()
    } else if exchange.lacksBody || isBodyLate {
      perform(exchange.requestFailed(.requestTimeout))
    } else {
      perform(exchange.backendTimedOut())
    }
    if !isProcessing { process() }
  }

  /// Whether it is the client who is waited for: more of its body could be sent on.
  private var isBodyLate: Bool { exchange.awaitsRequestBody && backend?.isWritable ?? false }

  /// Others wait for a connection to this one's backend: from now on a body must come faster.
  func hurry() {
    guard state == .exchange, exchange.awaitsAnswer, isBodyLate, !exchange.awaitsContinue else { return }
    bodyPace.hurry(longestPause: loop.shared.waits.hurriedBody)
    deadline = min(deadline, bodyPace.deadline)
  }

  func judgeAgain() {
    guard state == .exchange, let standing else { return }
    if !loop.isServable {
      // Nobody knows what has been revoked meanwhile, and receipts count on it that nothing goes on without a lease.
      perform(exchange.forbidden(.notServable))
    } else if let refusal = loop.reader.snapshot.refusal(of: standing, at: loop.shared.clock()) {
      perform(exchange.forbidden(.revoked(refusal)))
    } else {
      return
    }
    if !isProcessing { process() }
  }

  /// Waits a little for a request that is on its way, or has come and was not read: its answer is the last.
  func drain() {
    if state == .head, input.readableBytes == 0 { awaitRequest() }
  }

  /// Who has not all of an answer is told so.
  func abort() {
    switch state {
    case .exchange: perform(exchange.clientClosed())
    case .lingering where !isAnswerSent: cut()
    case .head, .limiting, .queued, .discarding, .lingering, .closed: context?.close(promise: nil)
    }
    endCall(isWhole: false)
  }
}
