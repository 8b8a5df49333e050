import Framing
import NIOCore
import Routing

extension ClientConnection {
  /// A call begins, of which nothing is known.
  func sampleForLog() {
    guard let log = loop.accessLog?.log else { return }
    logged.forget()
    logged.sample(log.samples(using: &loop.requestIDs))
  }

  /// Keeps what its line says of a head, which is gone when the call is over.
  func keepForLog(_ call: Call, _ head: borrowing RequestHead, _ bytes: Span<UInt8>) {
    guard loop.accessLog != nil else { return }
    logged.keep(call, bytes)
    guard peer.isTrusted || role == .internal else { return }
    for field in head.fields where field.kind == .xForwardedFor { logged.keep(forwardedFor: field.value, bytes) }
  }

  /// Keeps what the line of a call says of its caller, now that it is known.
  func keepForLog(_ route: Route) {
    if loop.accessLog != nil, let caller = route.caller { logged.keep(caller: caller) }
  }

  /// Writes the line of a call that is over, if it has one: a part of all, and every one that was refused or has failed.
  func log(isWhole: Bool, at now: NIODeadline) {
    guard logged.isSampled || call.status == 0 || call.status >= 500 || call.problem != nil || !isWhole else { return }
    loop.accessLog?.append(
      AccessLogLine(
        call: call, logged: logged, listener: role == .gateway ? .gateway : .check, id: requestID, trace: trace,
        client: peer.address, backend: backendAddress, isWhole: isWhole, now: now, time: .now()))
  }
}
