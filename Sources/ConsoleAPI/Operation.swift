import Contract
import FoundationEssentials
import HTTPTypes

/// What a route is, for the document that describes the API.
struct Operation: Sendable {
  /// Who may call.
  enum Access: Sendable {
    case anyone
    case signedIn
  }

  let method: HTTPRequest.Method
  let path: RoutePath
  /// Unique over the API: what client libraries name the call.
  let id: String
  let summary: String
  /// What else a client's author should know of it.
  let about: String
  let access: Access
  let input: InputDescription
  let output: OutputDescription
  /// What it may refuse with, beyond what its access, path and input may always be refused for.
  let ownProblems: [ProblemCode]
  /// Whether `wait` asks for a receipt.
  var takesWait = false

  /// Whether an `Idempotency-Key` makes it safe to try again.
  var takesIdempotencyKey: Bool { method == .post && access == .signedIn }

  /// Every code that its answers can have.
  var problems: [ProblemCode] {
    var codes: [ProblemCode] = [.malformedRequest, .internalError, .unavailable, .invalidInput]
    if access == .signedIn { codes += [.notSignedIn] }
    // Of who has a lesser role by the commit.
    if access == .signedIn, method != .get { codes += [.forbidden] }
    if !path.parameters.isEmpty { codes += [.notFound] }
    if input.body != nil { codes += [.invalidJSON, .requestTimeout, .bodyTooLarge, .unsupportedMediaType] }
    if takesIdempotencyKey { codes += [.idempotencyKeyReused, .idempotencyInProgress, .requestTimeout, .bodyTooLarge] }
    if input.takesVersion { codes += [.preconditionFailed] }
    return codes + ownProblems
  }
}

/// What a route reads of a request besides its path.
struct InputDescription: Sendable {
  var query: ObjectSchema?
  var body: JSONSchema?
  var isBodyRequired = true
  /// Of the body, in place of JSON alone.
  var mediaTypes = ["application/json"]
  /// In bytes. 1 MiB is many times the largest body that means anything here.
  var maximumBodyLength = 1 << 20
  /// Whether `If-Match` counts.
  var takesVersion = false
  /// Reads a body as the route does.
  ///
  /// - Throws: `InvalidInput`.
  var readBody: @Sendable (JSONValue, _ now: Date) throws -> Void = { _, _ in }
}

/// What a route answers when all is well.
struct OutputDescription: Sendable {
  let status: HTTPResponse.Status
  /// `nil` if there is no body.
  let schema: JSONSchema?
  /// Whether the answer has an `ETag`.
  let hasVersion: Bool
  /// Whether the answer sets the cookie that a browser is known by again.
  var setsDeviceCookie = false
  /// Reads a body as a client does.
  ///
  /// - Throws: `InvalidInput`.
  var readBody: @Sendable (JSONValue, _ now: Date) throws -> Void = { _, _ in }
}
