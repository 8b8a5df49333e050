import Console
package import Contract
package import HTTPTypes
import Hummingbird
package import Model
import Store

/// A refusal on its way to the client: a problem without its request id, and the headers that go with it.
package struct Refusal {
  package let code: ProblemCode
  package var detail: String?
  package var errors: [InvalidInput.Complaint] = []
  package var uses: LimitPolicy.Uses?
  package var headers: HTTPFields = [:]

  /// What a caller without a session is asked for (RFC 6750 §3).
  static let challenge = "Bearer realm=\"latchkey\""

  init(_ code: ProblemCode) {
    self.code = code
    switch code {
    case .notSignedIn, .wrongCredentials: headers[.wwwAuthenticate] = Self.challenge
    case .unavailable: headers[.retryAfter] = "1"
    default: break
    }
  }

  init(_ input: InvalidInput) {
    self.init(.invalidInput)
    errors = input.complaints
  }

  private init(quotaOf things: String) {
    self.init(.quotaExceeded)
    detail = "The tenant has as many \(things) as it may have; GET /v1/tenant/quotas tells how many."
  }

  private init(_ code: ProblemCode, at pointer: String, _ detail: String = "is taken") {
    self.init(code)
    errors = [InvalidInput.Complaint(pointer: pointer, detail: detail)]
  }
}

extension Refusal {
  /// What an error means to a client; `nil` for one that nobody foresaw.
  package init?(_ error: any Error, path: String) {
    switch error {
    case let error as ConsoleError: self.init(useCase: error)
    case let error as StoreError:
      guard let refusal = Self.refusal(error) else { return nil }
      self = refusal
    case let error as InvalidInput: self.init(error)
    case let error as BodyError: self.init(body: error)
    case let error as any HTTPResponseError: self.init(http: error, path: path)
    default: return nil
    }
  }

  private init(useCase error: ConsoleError) {
    switch error {
    case .notSignedIn: self.init(.notSignedIn)
    case .wrongCredentials: self.init(.wrongCredentials)
    case .signUpClosed: self.init(.signUpClosed)
    case .forbidden: self.init(.forbidden)
    case .sessionRequired: self.init(.sessionRequired)
    case .wrongPassword: self.init(.wrongPassword, at: "/current", "is not the account's password")
    case .lastOwner: self.init(.lastOwner)
    case .notInvited: self.init(.notInvited)
    case .notFound: self.init(.notFound)
    case .preconditionFailed: self.init(.preconditionFailed)
    case .tooManySecrets: self.init(.tooManySecrets)
    case .lastSecret: self.init(.lastSecret)
    case .valueTaken: self.init(.valueTaken, at: "/value", "is another key's of this tenant")
    case .keyCompromised: self.init(.keyCompromised)
    case .keyNotDeleted: self.init(.keyNotDeleted)
    case .groupLive(let environments):
      self.init(.groupLive)
      detail = "The group is live in \(environments.map(\.rawValue).joined(separator: ", ")); take it offline first."
    case .apiExists(let other):
      self.init(.apiExists, at: "/path", "takes the same calls as \(other.id)")
      detail = "\(other.pattern) (\(other.pattern.match.rawValue)) is the API \(other.id), \(other.name)."
    case .emptyDraft: self.init(.emptyDraft)
    case .alreadyAuthorized(let targets):
      self.init(.alreadyAuthorized)
      errors = targets.map { InvalidInput.Complaint(pointer: "/targets/\($0)", detail: "is authorized already") }
    case .limitPolicyInUse(let uses):
      self.init(.limitPolicyInUse)
      self.uses = uses
    case .tooManySearches(let seconds):
      self.init(.tooManySearches)
      headers[.retryAfter] = String(seconds)
    case .noSealingKey: self.init(.noSealingKey)
    case .idempotencyKeyReused: self.init(.idempotencyKeyReused)
    case .idempotencyInProgress: self.init(.idempotencyInProgress)
    case .tooManyAttempts(let seconds):
      self.init(.tooManyAttempts)
      headers[.retryAfter] = String(seconds)
    case .busy: self.init(.unavailable)
    }
  }

  private static func refusal(_ error: StoreError) -> Refusal? {
    switch error {
    case .conflict(.tenantSlug): Refusal(.slugTaken, at: "/slug")
    case .conflict(.accountEmail): Refusal(.emailTaken, at: "/email")
    case .conflict(.groupPrefix): Refusal(.prefixTaken, at: "/prefix")
    case .conflict(.apiShape): Refusal(.apiExists, at: "/path")
    case .conflict(.revisionVersion): Refusal(.versionTaken, at: "/version")
    case .conflict(.ownHost): Refusal(.domainExists, at: "/host")
    case .conflict(.verifiedHost): Refusal(.domainTaken)
    case .forbidden(.prefixFrozen): Refusal(.prefixFrozen, at: "/prefix", "was released and stays")
    case .forbidden(.keyQuota): Refusal(quotaOf: "subscription keys")
    case .forbidden(.groupQuota): Refusal(quotaOf: "groups")
    case .forbidden(.apiQuota): Refusal(quotaOf: "APIs")
    case .forbidden(.authorizationQuota): Refusal(quotaOf: "authorizations")
    case .forbidden(.domainQuota): Refusal(quotaOf: "domains")
    case .forbidden(.liveAPIQuota): Refusal(quotaOf: "live APIs")
    case .forbidden(.liveByteQuota): Refusal(quotaOf: "bytes of what is live")
    case .forbidden(.targetQuota): Refusal(quotaOf: "targets of authorizations")
    case .forbidden(.revisionAPIQuota): Refusal(quotaOf: "APIs in revisions")
    case .forbidden(.deploymentQuota): Refusal(quotaOf: "deployments")
    case .forbidden(.accountQuota): Refusal(quotaOf: "accounts")
    case .forbidden(.accessTokenQuota): Refusal(quotaOf: "access tokens")
    case .forbidden(.limitPolicyQuota): Refusal(quotaOf: "limit policies")
    case .forbidden(.actorLetIn): Refusal(.notSignedIn)
    case .forbidden(.actorRole): Refusal(.forbidden)
    case .unavailable: Refusal(.unavailable)
    case .invalidReference, .unexpected: nil
    }
  }

  private init(body error: BodyError) {
    switch error {
    case .unsupportedMediaType: self.init(.unsupportedMediaType)
    case .tooLarge: self.init(.bodyTooLarge)
    case .cutOff: self.init(.malformedRequest)
    case .notJSON(let error):
      self.init(.invalidJSON)
      detail = "At byte \(error.offset): \(error.reason)."
    case .notYAML(let error):
      self.init(.invalidYAML)
      detail = error.line.map { "In line \($0): \(error.reason)." } ?? "YAML: \(error.reason)."
    }
  }

  /// Hummingbird's own refusals. What its router finds no route for is 405 where another method has one.
  private init(http error: any HTTPResponseError, path: String) {
    switch error.status {
    case .notFound:
      let methods = ConsoleAPI.methods(at: path)
      self.init(methods.isEmpty ? .notFound : .methodNotAllowed)
      if !methods.isEmpty { headers[.allow] = methods.map(\.rawValue).joined(separator: ", ") }
    case .contentTooLarge: self.init(.bodyTooLarge)
    default: self.init(.malformedRequest)
    }
  }
}

extension HTTPField.Name {
  static let requestID = HTTPField.Name("X-Request-Id")!
}
