import NIOCore

/// The configured time-outs as the event loops count time.
struct Waits: Sendable {
  let requestHead, bodyIdle, clientIdle, connect, lease, response, backendIdle, linger, continuation: TimeAmount
  let hurriedBody, lastRequest, limits: TimeAmount

  init(_ timeouts: Timeouts) {
    requestHead = TimeAmount(timeouts.requestHead)
    bodyIdle = TimeAmount(timeouts.bodyIdle)
    hurriedBody = TimeAmount(timeouts.hurriedBody)
    clientIdle = TimeAmount(timeouts.clientIdle)
    connect = TimeAmount(timeouts.connect)
    lease = TimeAmount(timeouts.lease)
    response = TimeAmount(timeouts.response)
    backendIdle = TimeAmount(timeouts.backendIdle)
    linger = TimeAmount(timeouts.linger)
    continuation = TimeAmount(timeouts.continuation)
    lastRequest = TimeAmount(timeouts.lastRequest)
    limits = TimeAmount(timeouts.limits)
  }
}
