import Framing

/// One request and its answer: joins a client's connection with a backend's.
///
/// A struct from events to actions: it knows no bytes, no sockets and no clock. Whoever performs the actions has the
/// bytes at hand. Over HTTP/1 a connection has one exchange at a time; over HTTP/2 a stream has one.
struct Exchange: Sendable {
  /// What of the request decides how the exchange goes.
  struct Request: Sendable {
    var hasBody = false
    /// Nothing of the body has come, and the client does not wait to be told to send it.
    var lacksBody = false
    /// May be sent again when nothing of an answer was seen (RFC 9110 §9.2.2).
    var isIdempotent = true
    var isHEAD = false
    var isHTTP11 = true
    var expectsContinue = false
    /// The client wants its connection kept.
    var keepsConnection = true
  }

  /// How the answer's body is sent to the client.
  enum AnswerFraming: Sendable, Equatable {
    case none
    /// As long as `Content-Length` says.
    case length
    case chunked
    case untilClose
  }

  private enum Backend { case none, unasked, leasing, fresh, reused }
  private enum Answer { case awaited, begun, over }

  /// More informational heads than this are an attack, not progress.
  static let informationalLimit = 16

  let request: Request
  private var backend = Backend.none
  private var answer = Answer.awaited
  private var isRequestOver: Bool
  private var sawAnswerBytes = false
  private var hasRetried = false
  private var informationals = 0
  /// The client was told to go on with its body.
  private var hasContinued = false
  private var keepsBackend = false
  /// Whether the client's connection is closed after the answer.
  private(set) var closesClient: Bool
  private(set) var answerFraming = AnswerFraming.none
  private(set) var failure: ExchangeFailure?

  init(_ request: Request) {
    self.request = request
    isRequestOver = !request.hasBody
    closesClient = !request.keepsConnection
  }

  /// Whether body bytes of the request may be read now.
  var takesRequestBody: Bool { !isRequestOver && (backend == .fresh || backend == .reused) }
  /// Whether a body is still coming from the client.
  var awaitsRequestBody: Bool { !isRequestOver }
  var awaitsAnswer: Bool { answer == .awaited }
  /// Whether the client still waits to be told to go on, which the backend knows of.
  var awaitsContinue: Bool { request.expectsContinue && !hasContinued && takesRequestBody && answer == .awaited }
  /// Whether the first of the body is waited for.
  var lacksBody: Bool { backend == .unasked }
  var isOver: Bool { answer == .over }
  private var isAttached: Bool { backend == .fresh || backend == .reused }
}

// MARK: Backend connections

extension Exchange {
  /// A body that is announced and does not come holds no connection of the backend's.
  mutating func start() -> ExchangeActions {
    backend = .unasked
    return request.lacksBody ? [] : ask()
  }

  /// The body has begun to come.
  mutating func bodyArrived() -> ExchangeActions { lacksBody ? ask() : [] }

  private mutating func ask() -> ExchangeActions {
    backend = .leasing
    return .lease
  }

  mutating func leased(reused: Bool) -> ExchangeActions {
    guard backend == .leasing else { return .releaseBackend }
    backend = reused ? .reused : .fresh
    return .sendHead
  }

  mutating func leaseFailed(_ reason: ExchangeFailure) -> ExchangeActions {
    backend = .none
    return fail(reason)
  }

  /// The backend closed its connection, or the connection broke.
  /// - Parameter endsBody: The answer's body ends with the connection and was begun.
  mutating func backendClosed(endsBody: Bool) -> ExchangeActions {
    guard isAttached, answer != .over else { return [] }
    if answer == .begun {
      return endsBody ? endAnswer(keepingBackend: false) : cut()
    }
    if backend == .reused, !sawAnswerBytes, !hasRetried, !request.hasBody, request.isIdempotent {
      hasRetried = true
      backend = .leasing
      return [.closeBackend, .lease]
    }
    return fail(.badAnswer)
  }

  /// The backend did nothing for too long.
  mutating func backendTimedOut() -> ExchangeActions { end(backend == .leasing ? .noConnection : .tooSlow) }

  /// Whether the next lease must be a new connection: the last one had been kept too long.
  var needsFreshBackend: Bool { hasRetried }
}

// MARK: The request

extension Exchange {
  /// A piece of the request's body is at hand; maybe empty, at its end.
  mutating func requestBody(isEnd: Bool) -> ExchangeActions {
    guard takesRequestBody, answer != .over else { return [] }
    hasContinued = true
    isRequestOver = isEnd
    return isEnd ? [.sendBody, .endBody] : .sendBody
  }

  /// The request's body is malformed, too large or too slow.
  mutating func requestFailed(_ reason: ExchangeFailure) -> ExchangeActions { end(reason) }

  /// The call may not go on: what it was admitted by was revoked or has expired, or nobody knows whether it was.
  mutating func forbidden(_ reason: ExchangeFailure) -> ExchangeActions { end(reason) }

  /// The client is gone, or stopped sending in the middle of its body.
  mutating func clientClosed() -> ExchangeActions {
    guard answer != .over else { return [] }
    answer = .over
    return [dropBackend(), .cutClient]
  }
}

// MARK: The answer

extension Exchange {
  /// The first byte of an answer: from now on the request is not sent again.
  mutating func answerBytesArrived() { sawAnswerBytes = true }

  mutating func informational(status: Int) -> ExchangeActions {
    guard answer == .awaited else { return [] }
    informationals += 1
    // Nobody asked for an upgrade, so a 101 answers nothing.
    guard status != 101, informationals <= Self.informationalLimit else { return fail(.badAnswer) }
    let isWanted = status == 100 ? awaitsContinue : true
    if status == 100 { hasContinued = true }
    return request.isHTTP11 && isWanted ? .relayInformational : []
  }

  /// The backend, which may not know the expectation, has let the client wait long enough (RFC 9110 §10.1.1).
  mutating func continueOverdue() -> ExchangeActions {
    guard awaitsContinue else { return [] }
    hasContinued = true
    return .sendContinue
  }

  /// The gateway is stopping: the answer, if it has not begun, is the connection's last and says so.
  mutating func drain() {
    if answer == .awaited { closesClient = true }
  }

  mutating func answerHead(_ body: ResponseBody, status: Int, keepsConnection: Bool) -> ExchangeActions {
    guard answer == .awaited, isAttached else { return [] }
    answer = .begun
    keepsBackend = keepsConnection && body != .untilClose
    switch body {
    case .none: answerFraming = .none
    case .length: answerFraming = .length
    case .chunked, .untilClose: answerFraming = request.isHTTP11 ? .chunked : .untilClose
    }
    // Nobody knows whether the rest of the request's body still comes, so no other request can follow it.
    closesClient = closesClient || !isRequestOver || answerFraming == .untilClose
    return .answerHead
  }

  /// A piece of the answer's body is at hand; maybe empty, at its end.
  mutating func answerBody(isEnd: Bool) -> ExchangeActions {
    guard answer == .begun else { return [] }
    return isEnd ? [.answerBody, endAnswer(keepingBackend: keepsBackend)] : .answerBody
  }

  /// The backend's bytes are no HTTP/1 answer.
  mutating func answerFailed() -> ExchangeActions { end(.badAnswer) }

  private mutating func endAnswer(keepingBackend: Bool) -> ExchangeActions {
    answer = .over
    let backend: ExchangeActions = keepingBackend && isRequestOver ? .releaseBackend : .closeBackend
    self.backend = .none
    return [.endAnswer, backend, closesClient || !isRequestOver ? .closeClient : .nextRequest]
  }

  /// Ends what cannot go on, as far as the answer has come.
  private mutating func end(_ reason: ExchangeFailure) -> ExchangeActions {
    switch answer {
    case .awaited: fail(reason)
    case .begun: cut()
    case .over: []
    }
  }

  /// Answers in the backend's place; nothing of an answer has been sent.
  private mutating func fail(_ reason: ExchangeFailure) -> ExchangeActions {
    failure = reason
    answer = .over
    closesClient = closesClient || !isRequestOver
    return [dropBackend(), .refuse, closesClient ? .closeClient : .nextRequest]
  }

  /// Ends an answer that cannot be finished.
  private mutating func cut() -> ExchangeActions {
    answer = .over
    return [dropBackend(), .cutClient]
  }

  private mutating func dropBackend() -> ExchangeActions {
    defer { backend = .none }
    return isAttached ? .closeBackend : backend == .leasing ? .cancelLease : []
  }
}
