import Contract
import HTTPTypes
import Model

/// A header of an answer that clients go by.
enum AnswerHeader: String, CaseIterable {
  case requestID = "X-Request-Id"
  case entityTag = "ETag"
  case replayed = "Idempotent-Replayed"
  case authenticate = "WWW-Authenticate"
  case retryAfter = "Retry-After"
  case setCookie = "Set-Cookie"

  /// What an `updatedAt` of the examples is as a tag.
  static let exampleTag = RFC3339.date("2026-11-20T16:05:12.250000Z").map(EntityTag.text) ?? ""

  /// Each header as the document's components have it.
  static var components: [JSONValue.Member] {
    allCases.map { .init($0.rawValue, $0.json(isRequired: $0.isAlwaysThere)) }
      + [.init(unlessTried, entityTag.json(isRequired: false))]
  }

  private func json(isRequired: Bool) -> JSONValue {
    ["description": .string(about), "required": .bool(isRequired), "schema": schema, "example": example]
  }

  /// What the tag is called that an answer has not where the change was only tried.
  private static let unlessTried = "ETagUnlessTried"

  /// A reference to it.
  static var entityTagUnlessTried: JSONValue.Member {
    .init(AnswerHeader.entityTag.rawValue, ["$ref": .string("#/components/headers/\(unlessTried)")])
  }

  /// A reference to it, as a member of the headers of an answer.
  var reference: JSONValue.Member {
    .init(rawValue, ["$ref": .string("#/components/headers/\(rawValue)")])
  }

  /// Those that a refusal of this status has.
  static func headers(ofStatus status: Int) -> [AnswerHeader] {
    switch status {
    case 401: [.requestID, .authenticate]
    case 429, 503: [.requestID, .retryAfter]
    default: [.requestID]
    }
  }

  /// Whether each answer that may have it has it.
  private var isAlwaysThere: Bool { self != .replayed }

  private var about: String {
    switch self {
    case .requestID: "The request's own id, by which the operator finds it in logs and the audit."
    case .entityTag: "The version that is shown, for `If-Match`."
    case .replayed: "There where the answer is that of an earlier request under the same `Idempotency-Key`."
    case .authenticate: "That a session's token or an access token is wanted."
    case .retryAfter: "After how many seconds it is worth trying again."
    case .setCookie: "What a browser shows at the next sign-in; it lets nobody in. See there."
    }
  }

  private var schema: JSONValue {
    switch self {
    case .requestID: ["type": "string", "pattern": .string(ID<ConsoleRequest>.constraint.pattern ?? "")]
    case .entityTag: ["type": "string", "pattern": "^\"[0-9a-f]+\"$"]
    case .replayed: ["type": "string", "enum": ["true"]]
    case .authenticate: ["type": "string"]
    case .retryAfter: ["type": "integer", "minimum": 1]
    case .setCookie: ["type": "string", "pattern": "^(__Host-)?latchkey-device=dev_[0-9A-Za-z]{49}; "]
    }
  }

  private var example: JSONValue {
    switch self {
    case .requestID: .string(ID<ConsoleRequest>.example.description)
    case .entityTag: .string(Self.exampleTag)
    case .replayed: "true"
    case .authenticate: .string(Refusal.challenge)
    case .retryAfter: 30
    case .setCookie: .string(BrowserCookies(isSecure: true).setting(Credential<DeviceCookie>.example).value)
    }
  }
}
