import Framing
import Metering
import Model
import NIOCore
import Routing

// MARK: Reading requests

extension ClientConnection {
  /// Deals with the bytes in hand as far as they go.
  func process() {
    guard !isProcessing else { return }
    isProcessing = true
    while advance() {}
    isProcessing = false
    // A buffer that is let go of is the next one that the socket reads into.
    if input.readableBytes == 0 { input = ByteBuffer() }
    backend?.flush()
    flush()
    meterLate()
    resumeReading()
  }

  /// - Returns: Whether there is more to do.
  private func advance() -> Bool {
    switch state {
    case .head: readHead()
    case .exchange: readBody()
    case .discarding: discardBody()
    case .limiting, .queued, .lingering, .closed: false
    }
  }

  private func readHead() -> Bool {
    guard input.readableBytes > 0 else {
      if isInputClosed { closeAfterAnswer() }
      return false
    }
    let bytes = input
    do {
      guard try parser.parse(bytes.readableBytesUInt8Span, into: &head) else {
        if isInputClosed { closeAfterAnswer() }
        return false
      }
    } catch {
      requestID = RequestID(using: &loop.requestIDs)
      refuseUnreadable(LocalAnswer(GatewayProblem(error)))
      return false
    }
    dispatch(head, bytes)
    return true
  }

  /// The head and its bytes are handed down from here: taken from the connection again, each look would be counted as
  /// one more reference to them.
  private func dispatch(_ head: RequestHead, _ bytes: ByteBuffer) {
    nameRequest(head, bytes)
    beginCounting()
    if role == .gateway { beginCall(head, bytes.readableBytesUInt8Span) }
    decide(head, bytes)
  }

  /// Has the call in hand decided once more, having waited.
  func decideAnew() {
    state = .head
    decide(head, input)
    process()
  }

  private func decide(_ head: RequestHead, _ bytes: ByteBuffer) {
    if crossOrigin != nil { crossOrigin = nil }
    switch role {
    case .gateway: route(head, bytes)
    case .internal: answerInternally(head, bytes)
    }
  }

  private func nameRequest(_ head: RequestHead, _ bytes: ByteBuffer) {
    if peer.isTrusted, let field = head.first(.xRequestID) {
      let given = Array(bytes.readableBytesView[relative: field.value])
      // What goes into logs is no secret.
      if !ExposedSecret.isInTrailer(field.value, bytes.readableBytesUInt8Span), let id = RequestID(given: given) {
        requestID = id
        return
      }
    }
    requestID = RequestID(using: &loop.requestIDs)
  }

  /// Has the call decided.
  private func route(_ head: RequestHead, _ bytes: ByteBuffer) {
    guard BodyLimit.admits(head.body, limit: loop.shared.configuration.maximumBodyBytes) else {
      crossOrigin = loop.reader.snapshot.crossOriginFields(
        for: Call(head), head, in: bytes.readableBytesUInt8Span, addressing: loop.shared.addressing)
      return answer(LocalAnswer(.bodyTooLarge))
    }
    guard loop.isServable else { return answer(LocalAnswer(.notReady)) }
    let now = loop.shared.clock()
    if let decision = takeKeptDecision() { return carryOut(decision, head, bytes, at: now) }
    let decision = loop.reader.snapshot.decide(
      Call(head), head, in: bytes.readableBytesUInt8Span, at: now, addressing: loop.shared.addressing, memo: &secrets)
    guard takesTurn(decision) else { return waitForTurn(decision) }
    carryOut(decision, head, bytes, at: now)
  }

  @inline(__always)
  private func carryOut(_ decision: consuming Decision, _ head: RequestHead, _ bytes: ByteBuffer, at now: UnixTime) {
    switch consume decision {
    case .refuse(let refusal, let target, let secret):
      call.target = target
      meter(refusal, target, secret)
      if let rules = target?.crossOrigin { crossOrigin = rules.fields(for: head, in: bytes.readableBytesUInt8Span) }
      answer(LocalAnswer(refusal))
    case .preflight(let preflight): answer(LocalAnswer(preflight))
    case .forward(let route):
      if let rules = route.target.crossOrigin {
        crossOrigin = rules.fields(for: head, in: bytes.readableBytesUInt8Span)
      }
      loop.noteUse(of: route, at: now)
      call.isRouted(route)
      keepForLog(route)
      guard takesShare(of: route) else { return }
      let goesOn = takeOfLimits(route) { refusal in
        meter(route, as: .refused(refusal.reason.ofCalls))
        answer(LocalAnswer(refusal))
      }
      guard goesOn else { return }
      meter(route, as: route.outcome(isBeyondLimit: admittance?.isBeyond ?? false))
      loop.requests.count(route.verdict, on: .gateway)
      switch route.target.backend {
      case .http(let backend): forward(head, bytes, on: route, to: backend)
      case .mock(let mock): answer(LocalAnswer(mock, hasPolicy: crossOrigin != nil, form: route.form))
      }
    }
  }

  private func forward(_ head: RequestHead, _ bytes: ByteBuffer, on route: Route, to http: HTTPBackend) {
    guard Hops.count(in: head, bytes.readableBytesUInt8Span) < loop.shared.configuration.maximumHops else {
      return answer(LocalAnswer(.loopDetected))
    }
    var ownHeaders: BackendHeaders?
    if http.sealed != nil {
      ownHeaders = loop.shared.headers(of: http, for: requestID)
      // Called without them, the backend would take the gateway for anybody.
      guard ownHeaders != nil else { return answer(LocalAnswer(.sealedBackend)) }
    }
    backendHead.empty()
    backendHead.write(head, bytes, on: route, to: http, with: ownHeaders, from: peer, as: requestID, in: trace)
    form = route.form
    target = route.target
    standing = route.standing
    beginExchange(head, with: http)
  }

  private func beginExchange(_ head: RequestHead, with http: HTTPBackend) {
    input.moveReaderIndex(forwardBy: head.byteCount)
    decoder = BodyDecoder(head.body, limits: loop.shared.configuration.limits)
    bodyLimit = BodyLimit(bytes: loop.shared.configuration.maximumBodyBytes)
    exchange = Exchange(
      Exchange.Request(
        hasBody: !decoder.isComplete,
        lacksBody: !decoder.isComplete && !head.expectsContinue && input.readableBytes == 0,
        isIdempotent: Idempotence.of(head.method, in: backendHead), isHEAD: head.isHEAD,
        isHTTP11: head.version == .http11, expectsContinue: head.expectsContinue,
        keepsConnection: head.keepsConnection && !loop.isDraining))
    if http !== lastBackend || pool?.isRetired ?? true {
      lastBackend = http
      pool = loop.pool(for: BackendKey(http.url))
    }
    state = .exchange
    deadline = loop.now + (exchange.request.lacksBody ? loop.shared.waits.bodyIdle : loop.shared.waits.lease)
    perform(exchange.start())
  }
}

// MARK: Reading bodies

extension ClientConnection {
  private func readBody() -> Bool {
    if exchange.lacksBody, input.readableBytes > 0 {
      deadline = loop.now + loop.shared.waits.lease
      perform(exchange.bodyArrived())
    }
    guard exchange.takesRequestBody, input.readableBytes > 0, backend?.isWritable ?? false else { return false }
    let frame = input
    let step: BodyStep
    do { step = try decoder.next(frame.readableBytesUInt8Span) } catch {
      perform(exchange.requestFailed(.malformedBody))
      return false
    }
    if step.needsMore { return false }
    bodyPace.took(step.data, now: loop.now)
    call.bytesIn += step.data
    guard bodyLimit.take(step.data) else {
      perform(exchange.requestFailed(.bodyTooLarge))
      return false
    }
    input.moveReaderIndex(forwardBy: step.framing)
    let piece = input.readSlice(length: step.data)
    if step.data > 0 || step.isEnd {
      perform(
        exchange.requestBody(isEnd: step.isEnd), piece, trailers: step.isEnd ? decoder.trailers : [], in: frame)
    }
    if state == .exchange { progressed() }
    return true
  }

  private func discardBody() -> Bool {
    let bytes = input
    guard bytes.readableBytes > 0, let step = try? decoder.next(bytes.readableBytesUInt8Span) else { return false }
    input.moveReaderIndex(forwardBy: step.framing + step.data)
    guard step.isEnd else { return !step.needsMore }
    awaitRequest()
    return true
  }

  /// Ready for the next request.
  func awaitRequest() {
    state = .head
    deadline = loop.now + (input.readableBytes == 0 ? loop.clientIdle : loop.shared.waits.requestHead)
  }

  func inputClosed() {
    isInputClosed = true
    switch state {
    case .exchange:
      // Half a body is no request; a whole one still gets its answer.
      if exchange.awaitsRequestBody, input.readableBytes == 0 { perform(exchange.clientClosed()) }
    case .head, .discarding: if !isProcessing { closeAfterAnswer() }
    case .lingering: inputClosedWhileLingering()
    case .limiting, .queued, .closed: break
    }
  }
}

extension ByteBufferView {
  /// The bytes in a range that counts from the first readable one.
  subscript(relative range: ByteRange) -> ByteBufferView {
    self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)]
  }
}
