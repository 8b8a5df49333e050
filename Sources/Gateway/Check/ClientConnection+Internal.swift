import Framing
import Metering
import Model
import NIOCore
import Routing

// MARK: The internal listener

extension ClientConnection {
  /// Answers a request to the internal listener.
  func answerInternally(_ head: RequestHead, _ input: ByteBuffer) {
    let bytes = input.readableBytesUInt8Span
    if let form = CheckForm(path: head.path, bytes) { return check(form, head, bytes) }
    if bytes.matches(head.path, "/healthz") { return answerPlainly(Health.live) }
    if bytes.matches(head.path, "/readyz") {
      return answerPlainly(Health.readiness(loop.shared.snapshots))
    }
    if bytes.matches(head.path, "/metrics") { return answerPlainly(Health.metrics(loop.shared.metrics())) }
    answerPlainly(LocalAnswer(.notFound))
  }

  /// The form of check that a head asks for whose fields cannot be read.
  var unreadCheck: CheckForm? {
    guard role == .internal, parser.isInsideHead else { return nil }
    let input = input
    return CheckForm(path: head.path, input.readableBytesUInt8Span)
  }

  private func check(_ form: CheckForm, _ head: RequestHead, _ bytes: Span<UInt8>) {
    guard peer.isLoopback || peer.isTrusted else { return answerPlainly(LocalAnswer(.forbiddenPeer)) }
    if !call.isOpen { beginCall(head, bytes) }
    let asked: Call
    do { asked = try form.call(head, bytes, &bindings) } catch {
      return refuse(LocalAnswer(GatewayProblem(error)), form)
    }
    keepForLog(asked, head, bytes)
    guard loop.isServable else { return refuse(LocalAnswer(.notReady), form) }
    judge(asked, form, head, bytes)
  }

  private func judge(_ asked: Call, _ form: CheckForm, _ head: RequestHead, _ bytes: Span<UInt8>) {
    let now = loop.shared.clock()
    if let decision = takeKeptDecision() { return carryOut(decision, form, head, bytes, at: now) }
    let decision = loop.reader.snapshot.decide(
      asked, head, in: bytes, at: now, addressing: loop.shared.addressing, memo: &secrets)
    guard takesTurn(decision) else { return waitForTurn(decision) }
    carryOut(decision, form, head, bytes, at: now)
  }

  @inline(__always)
  private func carryOut(
    _ decision: consuming Decision, _ form: CheckForm, _ head: RequestHead, _ bytes: Span<UInt8>, at now: UnixTime
  ) {
    switch consume decision {
    case .forward(let route):
      if let rules = route.target.crossOrigin { crossOrigin = rules.fields(for: head, in: bytes) }
      loop.noteUse(of: route, at: now)
      call.isRouted(route)
      keepForLog(route)
      holdToLimits(route, form)
    case .preflight(let preflight): refuse(LocalAnswer(preflight), form)
    case .refuse(let refusal, let target, let secret):
      call.target = target
      meter(refusal, target, secret)
      refuse(LocalAnswer(refusal).saying(target?.crossOrigin?.fields(for: head, in: bytes)), form)
    }
  }

  private func holdToLimits(_ route: Route, _ form: CheckForm) {
    let goesOn = takeOfLimits(route) { refusal in
      let answer = LocalAnswer(refusal)
      loop.requests.count(429, on: .check)
      meter(route, as: .refused(refusal.reason.ofCalls))
      answerPlainly(form.adapt(answer.saying(crossOrigin).saying(standings)), meaning: answer)
    }
    guard goesOn else { return }
    meter(route, as: route.outcome(isBeyondLimit: admittance?.isBeyond ?? false))
    loop.requests.count(200, on: .check)
    loop.requests.count(route.verdict, on: .check)
    admit(route)
  }

  private func refuse(_ answer: LocalAnswer, _ form: CheckForm) {
    loop.requests.count(answer.status, on: .check)
    answerPlainly(form.adapt(answer), meaning: answer)
  }

  /// 200 with every identity header, empty ones too: a proxy that copies what it gets then overwrites a client's own.
  /// No body: with one, nginx would not keep the connection. What the group's `cors` policy has the answer say stands
  /// beside them, for a proxy that puts it into its own.
  private func admit(_ route: Route) {
    let closes = closesAfterCheck
    let written = output.writerIndex
    output.writeHead(reserve: 640 + requestID.length + (crossOrigin?.length ?? 0) + standings.length) { writer in
      writer.write("HTTP/1.1 200 OK\r\nDate: ")
      writer.write(loop.httpDate)
      writer.write("\r\nContent-Length: 0\r\nX-Latchkey-Subscription-Id: ")
      if let caller = route.caller { writer.write(caller.subscriptionText) }
      writer.write("\r\nX-Latchkey-Tenant: ")
      route.caller?.tenantSlug.withBytes { slug in writer.write(slug, 0..<slug.count) }
      writer.write("\r\nX-Latchkey-Environment: ")
      writer.write(route.target.environment.bytes)
      writer.write("\r\nX-Request-Id: ")
      requestID.write(to: &writer)
      writer.write("\r\ntraceparent: ")
      writer.write(trace)
      writer.write("\r\n")
      if let crossOrigin { writer.write(crossOrigin) }
      writer.write(standings)
      writer.write(connectionLine(closing: closes))
      writer.write("\r\n")
    }
    call.bytesOut += output.writerIndex - written
    endCall(LocalAnswer(status: 200))
    finishAnswer(closing: closes)
  }

  /// Answers without ever waiting for a body: a proxy may tell the length of one that it keeps to itself.
  /// - Parameter decision: What a check's answer means, of which `answer` is what the proxy can take.
  private func answerPlainly(_ answer: LocalAnswer, meaning decision: LocalAnswer? = nil) {
    let closes = closesAfterCheck
    let written = output.writerIndex
    answer.write(
      to: &output, id: requestID, date: loop.httpDate, isHEAD: head.isHEAD,
      connection: connectionLine(closing: closes))
    if let decision {
      call.bytesOut += output.writerIndex - written
      endCall(decision)
    }
    finishAnswer(closing: closes)
  }

  private var closesAfterCheck: Bool {
    !head.keepsConnection || loop.isDraining || hasBody
  }

  private var hasBody: Bool {
    switch head.body {
    case .none, .length(0): false
    case .length, .chunked: true
    }
  }

  private func finishAnswer(closing: Bool) {
    input.moveReaderIndex(forwardBy: head.byteCount)
    if closing { closeAfterAnswer() } else { awaitRequest() }
  }
}
