/// Why a call was refused, for programs. Codes are only added, never renamed.
package enum ProblemCode: String, CaseIterable, Sendable {
  case malformedRequest = "malformed_request"
  case invalidJSON = "invalid_json"
  case invalidYAML = "invalid_yaml"
  case notSignedIn = "not_signed_in"
  case wrongCredentials = "wrong_credentials"
  case forbidden
  case sessionRequired = "session_required"
  case wrongPassword = "wrong_password"
  case signUpClosed = "sign_up_closed"
  case notFound = "not_found"
  case methodNotAllowed = "method_not_allowed"
  case slugTaken = "slug_taken"
  case emailTaken = "email_taken"
  case lastOwner = "last_owner"
  case notInvited = "not_invited"
  case tooManySecrets = "too_many_secrets"
  case lastSecret = "last_secret"
  case valueTaken = "value_taken"
  case keyCompromised = "key_compromised"
  case keyNotDeleted = "key_not_deleted"
  case prefixTaken = "prefix_taken"
  case prefixFrozen = "prefix_frozen"
  case groupLive = "group_live"
  case apiExists = "api_exists"
  case emptyDraft = "empty_draft"
  case versionTaken = "version_taken"
  case alreadyAuthorized = "already_authorized"
  case domainExists = "domain_exists"
  case domainTaken = "domain_taken"
  case limitPolicyInUse = "limit_policy_in_use"
  case noSealingKey = "no_sealing_key"
  case idempotencyInProgress = "idempotency_in_progress"
  case requestTimeout = "request_timeout"
  case preconditionFailed = "precondition_failed"
  case bodyTooLarge = "body_too_large"
  case headTooLarge = "head_too_large"
  case unsupportedMediaType = "unsupported_media_type"
  case idempotencyKeyReused = "idempotency_key_reused"
  case invalidInput = "invalid_input"
  case quotaExceeded = "quota_exceeded"
  case tooManySearches = "too_many_searches"
  case tooManyAttempts = "too_many_attempts"
  case internalError = "internal_error"
  case unavailable

  /// The HTTP status that goes with it.
  package var status: Int {
    switch self {
    case .malformedRequest, .invalidJSON, .invalidYAML: 400
    case .notSignedIn, .wrongCredentials: 401
    case .forbidden, .sessionRequired, .wrongPassword, .signUpClosed: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .slugTaken, .emailTaken, .lastOwner, .notInvited, .tooManySecrets, .lastSecret, .quotaExceeded: 409
    case .valueTaken, .keyCompromised, .keyNotDeleted: 409
    case .prefixTaken, .prefixFrozen, .groupLive, .apiExists, .emptyDraft, .versionTaken, .alreadyAuthorized: 409
    case .domainExists, .domainTaken, .limitPolicyInUse: 409
    case .noSealingKey: 409
    case .idempotencyInProgress: 409
    case .requestTimeout: 408
    case .preconditionFailed: 412
    case .bodyTooLarge: 413
    case .unsupportedMediaType: 415
    case .invalidInput, .idempotencyKeyReused: 422
    case .tooManySearches, .tooManyAttempts: 429
    case .headTooLarge: 431
    case .internalError: 500
    case .unavailable: 503
    }
  }

  /// What happened, in general.
  package var title: String {
    switch self {
    case .malformedRequest: "The request is malformed."
    case .invalidJSON: "The body is not a JSON text."
    case .invalidYAML: "The body is not a YAML document."
    case .notSignedIn: "This needs a session or an access token."
    case .wrongCredentials: "Tenant, e-mail address or password is wrong."
    case .forbidden: "The account's role does not allow this."
    case .sessionRequired: "This needs a session; an access token does not do."
    case .wrongPassword: "The present password is another."
    case .signUpClosed: "Sign-up is closed on this installation."
    case .notFound: "There is no such thing."
    case .methodNotAllowed: "The resource does not take this method."
    case .slugTaken: "The slug is taken."
    case .emailTaken: "The e-mail address is taken."
    case .lastOwner: "The tenant's last active owner stays an active owner."
    case .notInvited: "The account is not waiting for its person to accept an invitation."
    case .tooManySecrets: "The key has two secrets already."
    case .lastSecret: "The key's last secret cannot be deleted."
    case .valueTaken: "Another key of the tenant has the value."
    case .keyCompromised: "The key was deleted as compromised and cannot be restored."
    case .keyNotDeleted: "The key is not deleted."
    case .prefixTaken: "Another group of the tenant has the prefix."
    case .prefixFrozen: "The prefix of a group that was released cannot change."
    case .groupLive: "The group is live; take it offline first."
    case .apiExists: "The group has an API that takes the same calls."
    case .emptyDraft: "The group has no APIs that a revision could be made of."
    case .versionTaken: "The group has a revision of this version."
    case .alreadyAuthorized: "The key is authorized for a target already."
    case .domainExists: "The tenant has this domain already."
    case .domainTaken: "The host is verified for another tenant."
    case .limitPolicyInUse: "The limit policy is in use."
    case .noSealingKey: "This installation has no key to seal secrets under; its operator sets LATCHKEY_SEALING_KEY."
    case .idempotencyInProgress: "A request under this Idempotency-Key is still being done."
    case .requestTimeout: "The request took too long to arrive."
    case .preconditionFailed: "The resource has changed since it was read."
    case .bodyTooLarge: "The body is too large."
    case .headTooLarge: "The request's head is too large."
    case .unsupportedMediaType: "The body is of a media type that is not taken here."
    case .idempotencyKeyReused: "This account sent another request under this Idempotency-Key."
    case .invalidInput: "Something in the request is not as it must be."
    case .quotaExceeded: "The tenant may not have more of these."
    case .tooManySearches: "This account has searched too often."
    case .tooManyAttempts: "This was tried too often."
    case .internalError: "Something went wrong on the server."
    case .unavailable: "The service is unavailable for the moment."
    }
  }
}
