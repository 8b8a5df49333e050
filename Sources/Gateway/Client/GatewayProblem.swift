import Framing
import Routing

/// Why the gateway answers in a backend's place, as the caller is told (RFC 9457).
///
/// Every flaw of a credential is one problem, so that nothing can be learned about keys from the answers.
enum GatewayProblem: String, CaseIterable, Sendable {
  case malformedRequest = "malformed_request"
  case exposedSecret = "exposed_secret"
  case unauthenticated
  case unauthorized
  case notDeployed = "not_deployed"
  case noSuchAPI = "no_such_api"
  case methodNotAllowed = "method_not_allowed"
  case requestTimeout = "request_timeout"
  case limitExceeded = "limit_exceeded"
  case limitUnavailable = "limit_unavailable"
  case concurrencyExceeded = "concurrency_exceeded"
  case connectionsExceeded = "connections_exceeded"
  case bodyTooLarge = "body_too_large"
  case expectationFailed = "expectation_failed"
  case headTooLarge = "head_too_large"
  case notImplemented = "not_implemented"
  case backendUnreachable = "backend_unreachable"
  case badBackendAnswer = "bad_backend_answer"
  case noBackendConnection = "no_backend_connection"
  case sealedBackend = "sealed_backend"
  case notReady = "not_ready"
  case backendTooSlow = "backend_too_slow"
  case unsupportedVersion = "unsupported_version"
  case loopDetected = "loop_detected"
  case notFound = "not_found"
  case forbiddenPeer = "forbidden_peer"

  var status: Int {
    switch self {
    case .malformedRequest, .exposedSecret: 400
    case .unauthenticated: 401
    case .unauthorized, .forbiddenPeer: 403
    case .notDeployed, .noSuchAPI, .notFound: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .bodyTooLarge: 413
    case .expectationFailed: 417
    case .limitExceeded, .limitUnavailable, .concurrencyExceeded, .connectionsExceeded: 429
    case .headTooLarge: 431
    case .notImplemented: 501
    case .backendUnreachable, .badBackendAnswer: 502
    case .noBackendConnection, .sealedBackend, .notReady: 503
    case .backendTooSlow: 504
    case .unsupportedVersion: 505
    case .loopDetected: 508
    }
  }

  var title: String {
    switch self {
    case .malformedRequest: "The request is malformed."
    case .exposedSecret: "A subscription key's secret was sent where none belongs."
    case .unauthenticated: "A valid subscription key is needed."
    case .unauthorized: "The subscription key is not authorized for this API group in this environment."
    case .notDeployed: "No API group is deployed here."
    case .noSuchAPI: "The API group has no such API."
    case .methodNotAllowed: "The API does not take this method."
    case .requestTimeout: "The request took too long to arrive."
    case .bodyTooLarge: "The request's body is too large."
    case .limitExceeded: "As many requests were made as a limit allows."
    case .limitUnavailable: "What a limit still allows cannot be looked up now."
    case .concurrencyExceeded: "As many calls are under way at once as may be."
    case .connectionsExceeded: "As many connections are open at once as may be."
    case .expectationFailed: "The only expectation that can be met is 100-continue."
    case .headTooLarge: "The request's head is too large."
    case .notImplemented: "The gateway does not implement this."
    case .backendUnreachable: "The backend cannot be reached."
    case .badBackendAnswer: "The backend did not answer properly."
    case .noBackendConnection: "No connection to the backend could be had in time."
    case .sealedBackend: "The gateway cannot open what the backend knows it by."
    case .notReady: "The gateway has no recent enough state to decide by."
    case .backendTooSlow: "The backend did not answer in time."
    case .unsupportedVersion: "Only HTTP/1.0 and HTTP/1.1 are spoken here."
    case .loopDetected: "The request has passed the gateway too often."
    case .notFound: "There is nothing here."
    case .forbiddenPeer: "Only trusted proxies are answered here."
    }
  }

  /// What must be said beside it: how to authenticate (RFC 9110 §15.5.2).
  var fields: StaticString {
    switch self {
    case .unauthenticated: "WWW-Authenticate: SubscriptionKey realm=\"Latchkey\"\r\n"
    case .noBackendConnection, .concurrencyExceeded, .connectionsExceeded: "Retry-After: 1\r\n"
    default: ""
    }
  }
}

extension GatewayProblem {
  init(_ error: RequestHeadError) {
    self =
      switch error.status {
      case 417: .expectationFailed
      case 431: .headTooLarge
      case 501: .notImplemented
      case 505: .unsupportedVersion
      default: .malformedRequest
      }
  }

  init(_ refusal: Refusal) {
    self =
      switch refusal {
      case .exposedSecret: .exposedSecret
      case .notDeployed: .notDeployed
      case .unauthenticated: .unauthenticated
      case .unauthorized: .unauthorized
      case .noSuchAPI: .noSuchAPI
      case .methodNotAllowed: .methodNotAllowed
      }
  }

  init(_ failure: ExchangeFailure) {
    self =
      switch failure {
      case .revoked(let refusal): GatewayProblem(refusal)
      case .notServable: .notReady
      case .unreachable: .backendUnreachable
      case .badAnswer: .badBackendAnswer
      case .tooSlow: .backendTooSlow
      case .noConnection: .noBackendConnection
      case .malformedBody: .malformedRequest
      case .bodyTooLarge: .bodyTooLarge
      case .requestTimeout: .requestTimeout
      }
  }
}
