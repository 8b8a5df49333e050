/// Rules for the names of header fields that providers choose.
enum FieldNames {
  /// Of a name that a provider may give a use of its own; what ``isFree(_:)`` asks besides stands in the requirement.
  static let constraint = TextConstraint(
    length: 1...64, pattern: "^[0-9A-Za-z!#$%&'*+.^_`|~-]+$",
    requirement: "must be a header's name of 1 to 64 characters, and none that the gateway uses itself",
    example: "X-Api-Key")

  /// Whether a provider may give the name a use of its own: one of the ``constraint`` that the gateway has none for.
  static func isFree(_ name: String) -> Bool {
    constraint.length.contains(name.utf8.count) && isToken(name) && !isReserved(folded(name))
  }

  /// RFC 9110 §5.1: a token.
  static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  /// What two names have in common that some server or other takes for one: case, and `_` for `-`.
  static func folded(_ name: String) -> String {
    name.lowercased().replacing("_", with: "-")
  }

  /// About one connection or one message's framing (RFC 9110 §7.6.1, RFC 9112 §6).
  static let framing: Set<String> = [
    "connection", "content-length", "expect", "http2-settings", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  /// By which a browser keeps something for the whole origin, which the path form shares among all tenants.
  static let browserState: Set<String> = ["clear-site-data", "cookie", "service-worker-allowed", "set-cookie"]

  /// What the gateway reads or writes in requests to route them and to say who calls.
  static let routing: Set<String> = [
    "forwarded", "host", "jdcloud-apim-subscription-key", "traceparent", "tracestate", "via", "x-http-method",
    "x-http-method-override", "x-method-override", "x-original-method", "x-original-uri", "x-original-url", "x-real-ip",
    "x-request-id", "x-rewrite-url",
  ]

  /// Whether a folded name is one by which a browser asks and is told what pages of other origins may do.
  static func isCrossOrigin(_ name: String) -> Bool {
    name == "origin" || name.hasPrefix("access-control-")
  }

  /// Whether a folded name is one of these, or of what the gateway says about a call.
  static func isReserved(_ name: String) -> Bool {
    framing.contains(name) || browserState.contains(name) || routing.contains(name)
      || name.hasPrefix("x-latchkey-") || name.hasPrefix("x-forwarded-")
  }
}
