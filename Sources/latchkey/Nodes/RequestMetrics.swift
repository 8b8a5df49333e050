import HTTPTypes
import Metrics
import NIOCore
import NIOHTTPTypes
import Synchronization

/// The requests of a listener that Hummingbird serves, by OpenTelemetry's names: how long they took and how many are being
/// answered, with labels of few values each.
final class RequestMetrics: Sendable {
  private struct Kind: Hashable {
    let method: String
    let status: String
  }

  private let listener: String
  private let factory: any MetricsFactory
  private let durations = Mutex<[Kind: Timer]>([:])
  private let active = Mutex<[String: Meter]>([:])

  init(of listener: String, factory: any MetricsFactory) {
    (self.listener, self.factory) = (listener, factory)
    for method in Self.methods + [Self.other] { count(by: 0, method) }
  }

  private static let methods = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
  ]
  static let other = "_OTHER"

  static func name(of method: HTTPRequest.Method) -> String {
    methods.contains(method.rawValue) ? method.rawValue : other
  }

  func begin(_ method: String) { count(by: 1, method) }

  /// - Parameter status: nil when the connection went before the answer's end.
  func end(_ method: String, _ status: Int?, after duration: TimeAmount) {
    count(by: -1, method)
    record(method, status, duration)
  }

  /// What was answered was no request.
  func answeredUnreadable(_ status: Int) { record(Self.other, status, .zero) }

  private func record(_ method: String, _ status: Int?, _ duration: TimeAmount) {
    let kind = Kind(method: method, status: status.map { "\($0)" } ?? "")
    let timer = durations.withLock { durations in
      if let known = durations[kind] { return known }
      let outcome = status == nil ? ("error.type", "cancelled") : ("http.response.status_code", kind.status)
      let made = Timer(
        label: "http.server.request.duration", dimensions: dimensions(method) + [outcome], factory: factory)
      durations[kind] = made
      return made
    }
    timer.recordNanoseconds(duration.nanoseconds)
  }

  private func count(by change: Double, _ method: String) {
    let meter = active.withLock { active in
      if let known = active[method] { return known }
      let made = Meter(label: "http.server.active_requests", dimensions: dimensions(method), factory: factory)
      active[method] = made
      return made
    }
    meter.increment(by: change)
  }

  private func dimensions(_ method: String) -> [(String, String)] {
    [("http.request.method", method), ("listener", listener), ("url.scheme", "http")]
  }

  func makeHandler() -> RequestMetricsHandler { RequestMetricsHandler(self) }
}

/// Tells of each request of a connection when it begins, and when its answer has ended.
final class RequestMetricsHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let metrics: RequestMetrics
  private var unanswered = CircularBuffer<(method: String, begun: NIODeadline)>()
  private var status: Int?

  init(_ metrics: RequestMetrics) { self.metrics = metrics }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      let method = RequestMetrics.name(of: head.method)
      unanswered.append((method, .now()))
      metrics.begin(method)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head) where head.status.kind != .informational: status = head.status.code
    case .head, .body: break
    case .end: answered()
    }
    context.write(data, promise: promise)
  }

  private func answered() {
    defer { status = nil }
    guard let status else { return }
    guard let request = unanswered.popFirst() else { return metrics.answeredUnreadable(status) }
    metrics.end(request.method, status, after: .now() - request.begun)
  }

  func channelInactive(context: ChannelHandlerContext) {
    while let request = unanswered.popFirst() {
      metrics.end(request.method, nil, after: .now() - request.begun)
    }
    context.fireChannelInactive()
  }
}
