import Console
import Contract
import FoundationEssentials
import HTTPTypes
import Model

/// What a route is, for the document that describes the API.
struct Operation: Sendable {
  let method: HTTPRequest.Method
  let path: RoutePath
  /// Unique over the API: what client libraries name the call.
  let id: String
  let summary: String
  /// What else a client's author should know of it.
  let about: String
  /// What the account must be allowed that calls; `nil` where anybody may call, signed in or not.
  let permission: Permission?
  let input: InputDescription
  let output: OutputDescription
  /// What it may refuse with, beyond what its permission, path and input may always be refused for.
  let ownProblems: [ProblemCode]
  /// Whether `wait` asks for a receipt.
  var takesWait = false
  /// Whether `dryRun` tries it and changes nothing.
  var takesDryRun = false

  /// Whether an `Idempotency-Key` makes it safe to try again.
  var takesIdempotencyKey: Bool { method == .post && permission != nil }

  /// Every code that its answers can have.
  var problems: [ProblemCode] {
    var codes: [ProblemCode] = [.malformedRequest, .internalError, .unavailable, .invalidInput]
    if let permission {
      codes += [.notSignedIn]
      // Of any role: of who has a lesser one by the commit.
      if permission.role > .viewer || method != .get { codes += [.forbidden] }
      if permission.needsSession { codes += [.sessionRequired] }
    }
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
  /// Of the body.
  var mediaType = "application/json"
  /// Whether the answer sets the cookie that a browser is known by again.
  var setsDeviceCookie = false
  /// Reads a body as a client does.
  ///
  /// - Throws: `InvalidInput`.
  var readBody: @Sendable (JSONValue, _ now: Date) throws -> Void = { _, _ in }
}
