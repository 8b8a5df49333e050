import Framing
import Metering
import NIOCore
import Routing

// MARK: What the pool and the backend's connection tell

extension ClientConnection {
  func leased(_ connection: BackendConnection, reused: Bool) {
    backend = connection
    if loop.accessLog != nil { backendAddress = connection.address }
    connection.attach(self, isHEAD: exchange.request.isHEAD)
    bodyPace.begin(now: loop.now)
    perform(exchange.leased(reused: reused))
    if !isProcessing { process() }
  }

  /// Asks the pool once more, which has held it back.
  func leaseAgain() {
    pool?.lease(for: self, fresh: exchange.needsFreshBackend)
  }

  func leaseFailed(_ failure: ExchangeFailure) {
    perform(exchange.leaseFailed(failure))
    if !isProcessing { process() }
  }

  func backendBecameWritable() {
    bodyPace.restart(now: loop.now)
    progressed()
    process()
  }

  func backendClosed(endsBody: Bool) {
    perform(exchange.backendClosed(endsBody: endsBody))
  }

  func answerBytesArrived() {
    exchange.answerBytesArrived()
  }

  func informational(_ head: ResponseHead, _ input: ByteBuffer) {
    progressed()
    let actions = exchange.informational(status: head.status)
    if actions.contains(.relayInformational) {
      output.write(
        head, input, framing: .none, form: form, connection: "", crossOrigin: crossOrigin, standings: CallStandings())
    }
    perform(actions)
  }

  @inline(__always)
  func answerHead(_ head: ResponseHead, _ body: ResponseBody, _ input: ByteBuffer) {
    if loop.isDraining { exchange.drain() }
    let actions = exchange.answerHead(
      body, status: head.status, keepsConnection: head.keepsConnection)
    if actions.contains(.answerHead) {
      loop.requests.count(head.status, on: .gateway)
      giveBack(ifFailed: head.status)
      call.status = head.status
      let written = output.writerIndex
      output.write(
        head, input, framing: exchange.answerFraming, form: form,
        connection: connectionLine(closing: exchange.closesClient), crossOrigin: crossOrigin, standings: standings)
      call.bytesOut += output.writerIndex - written
    }
    progressed()
  }

  @inline(__always)
  func answerBody(_ piece: ByteBuffer?, trailers: [Field], in frame: ByteBuffer, isEnd: Bool) {
    progressed()
    perform(exchange.answerBody(isEnd: isEnd), piece, trailers: trailers, in: frame)
  }

  func answerFailed() { perform(exchange.answerFailed()) }

}

// MARK: Performing

extension ClientConnection {
  /// Does what the exchange wants, in the order that ``ExchangeActions`` declares.
  /// - Parameter trailers: Their offsets count from the first byte of `frame`.
  func perform(
    _ actions: ExchangeActions, _ piece: ByteBuffer? = nil, trailers: [Field] = [], in frame: ByteBuffer = ByteBuffer()
  ) {
    if actions.isDisjoint(with: .answering) {
      performTowardsBackend(actions, piece, trailers, frame)
    } else {
      performTowardsClient(actions, piece, trailers, frame)
    }
    performEnd(actions)
  }

  private func performTowardsBackend(
    _ actions: ExchangeActions, _ piece: ByteBuffer?, _ trailers: [Field], _ frame: ByteBuffer
  ) {
    if actions.contains(.sendHead) {
      backend?.write(backendHead)
      call.isSent(at: .now())
      progressed()
    }
    if actions.contains(.sendBody), let piece, piece.readableBytes > 0 { sendBody(piece) }
    if actions.contains(.endBody) { endBody(trailers, frame) }
  }

  private func performTowardsClient(
    _ actions: ExchangeActions, _ piece: ByteBuffer?, _ trailers: [Field], _ frame: ByteBuffer
  ) {
    if actions.contains(.sendContinue) { output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n") }
    if actions.contains(.answerBody), let piece, piece.readableBytes > 0 { answer(piece) }
    if actions.contains(.endAnswer) {
      endAnswer(trailers, frame)
      endCall()
    }
    if actions.contains(.refuse), let failure = exchange.failure {
      loop.requests.count(GatewayProblem(failure).status, on: .gateway)
      giveBack(ifFailed: GatewayProblem(failure).status)
      let answer = LocalAnswer(GatewayProblem(failure))
      let written = output.writerIndex
      answer.saying(crossOrigin).saying(standings).write(
        to: &output, id: requestID, date: loop.httpDate, isHEAD: exchange.request.isHEAD,
        connection: connectionLine(closing: exchange.closesClient))
      call.bytesOut += output.writerIndex - written
      endCall(answer)
    }
  }

  private func performEnd(_ actions: ExchangeActions) {
    if actions.contains(.releaseBackend) { takeBackend()?.release() }
    if actions.contains(.closeBackend) { takeBackend()?.close() }
    if actions.contains(.cancelLease) { pool?.cancel(self) }
    if actions.contains(.lease) { pool?.lease(for: self, fresh: exchange.needsFreshBackend) }
    if actions.contains(.cutClient) { cut() }
    if actions.contains(.closeClient) { closeAfterAnswer() }
    if actions.contains(.nextRequest) {
      awaitRequest()
      if !isProcessing { process() }
    }
  }

  private func takeBackend() -> BackendConnection? {
    defer { backend = nil }
    return backend
  }

  /// Something moved: the wait for the other side begins anew.
  @inline(__always)
  func progressed() {
    let waits = loop.shared.waits
    if exchange.awaitsContinue {
      deadline = loop.now + waits.continuation
    } else if exchange.awaitsAnswer {
      deadline = exchange.awaitsRequestBody ? bodyPace.deadline : loop.now + waits.response
    } else {
      deadline = loop.now + waits.bodyIdle
    }
  }
}

// MARK: Bodies

extension ClientConnection {
  private func sendBody(_ piece: ByteBuffer) {
    guard head.body == .chunked else { backend?.write(piece); return }
    var framed = ByteBuffer()
    framed.reserveCapacity(minimumWritableBytes: ChunkedEncoder.sizeLineCapacity)
    framed.writeChunkSize(piece.readableBytes)
    backend?.write(framed)
    backend?.write(piece)
    backend?.write(Self.lineEnd)
  }

  private func endBody(_ trailers: [Field], _ frame: ByteBuffer) {
    guard head.body == .chunked else { return }
    let bytes = frame.readableBytesUInt8Span
    let ownHeaders = lastBackend.flatMap { $0.sealed == nil ? nil : loop.shared.headers(of: $0, for: requestID) }
    let kept = trailers.filter { trailer in
      let line = ByteRange(trailer.name.lowerBound, trailer.value.upperBound)
      return !(target?.isCredential(trailer, in: bytes) ?? true) && !ExposedSecret.isInTrailer(line, bytes)
        && !(ownHeaders?.replace(trailer, in: bytes) ?? false)
    }
    var end = ByteBuffer()
    end.writeLastChunk(kept, in: frame)
    backend?.write(end)
  }

  /// Passes a piece of the answer on: small ones are copied behind the head, so that both are one write.
  private func answer(_ piece: ByteBuffer) {
    call.bytesOut += piece.readableBytes
    let isChunked = exchange.answerFraming == .chunked
    if isChunked { output.writeChunkSize(piece.readableBytes) }
    if piece.readableBytes <= Self.copiedPiece {
      output.writeImmutableBuffer(piece)
    } else {
      writeOutput()
      writeToSocket(piece)
    }
    if isChunked { output.writeStaticString("\r\n") }
  }

  private func endAnswer(_ trailers: [Field], _ frame: ByteBuffer) {
    if exchange.answerFraming == .chunked { output.writeLastChunk(trailers, in: frame) }
  }

  private static let copiedPiece = 16 * 1024
  private static let lineEnd = ByteBuffer(staticString: "\r\n")
}

extension ExchangeActions {
  /// Those that send something to the client.
  fileprivate static let answering: ExchangeActions = [.sendContinue, .answerBody, .endAnswer, .refuse]
}

extension ByteBuffer {
  mutating func writeChunkSize(_ count: Int) {
    writeWithOutputRawSpan(minimumWritableBytes: ChunkedEncoder.sizeLineCapacity) { output in
      ChunkedEncoder.appendSizeLine(count, to: &output)
    }
  }

  /// Writes what ends a chunked body, with its trailers.
  mutating func writeLastChunk(_ trailers: [Field], in frame: ByteBuffer) {
    guard !trailers.isEmpty else {
      writeStaticString(ChunkedEncoder.end)
      return
    }
    writeStaticString("0\r\n")
    for trailer in trailers {
      writeImmutableBuffer(frame.getSlice(at: frame.readerIndex + trailer.line.lowerBound, length: trailer.line.count)!)
      writeStaticString("\r\n")
    }
    writeStaticString("\r\n")
  }
}
