import Framing
import NIOCore
import Routing

// MARK: A call's beginning and end

extension ClientConnection {
  private var listener: RequestTally.Listener { role == .gateway ? .gateway : .check }

  /// A call's head is there.
  func beginCall(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) {
    trace = TraceContext(of: head, in: bytes, using: &loop.requestIDs)
    begin(MethodName(head.method, in: bytes), bytesIn: head.byteCount)
    sampleForLog()
    if role == .gateway { keepForLog(Call(head), head, bytes) }
  }

  /// What came is no head, and is answered all the same.
  private func beginUnreadableCall() {
    trace = TraceContext(using: &loop.requestIDs)
    begin(.other, bytesIn: input.readableBytes)
    logged.forget()
  }

  private func begin(_ method: MethodName, bytesIn: Int) {
    call.begin(method, bytesIn: bytesIn, at: .now())
    loop.requests.traffic.begin(method, on: listener)
  }

  /// What could not be read is over.
  func endUnreadableCall(_ answer: LocalAnswer) {
    if !call.isOpen { beginUnreadableCall() }
    endCall(answer)
  }

  /// The gateway's own answer to the call is written.
  func endCall(_ answer: LocalAnswer) {
    (call.status, call.problem) = (answer.status, answer.problem)
    endCall()
  }

  /// The call is over.
  /// - Parameter isWhole: Whether all of its answer was sent.
  func endCall(isWhole: Bool = true) {
    guard call.isOpen else { return }
    call.end()
    leaveShares()
    let now = NIODeadline.now()
    let traffic = loop.requests.traffic
    traffic.end(
      call.method, on: listener, .ofAnswer(call.status, call.problem, isWhole: isWhole), after: now - call.begun)
    if let duration = call.backendDuration(until: now) {
      traffic.endForwarded(call.method, .ofBackend(call.status, call.problem, isWhole: isWhole), after: duration)
    }
    meter(after: now - call.begun)
    if loop.accessLog != nil { log(isWhole: isWhole, at: now) }
  }
}

extension LocalAnswer {
  /// What it says is wrong.
  var problem: GatewayProblem? { if case .problem(let problem) = body { problem } else { nil } }
}
