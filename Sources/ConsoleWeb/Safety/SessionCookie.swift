import Foundation
import HTTPTypes
import Hummingbird
import Model

/// What a browser keeps: the session's token or, before there is one, a random value that its forms are tied to.
///
/// Where the browser came by TLS the cookies are `Secure` and have the `__Host-` prefix, so that no neighbour of ours
/// can set them (RFC 6265bis §4.1.3.2).
struct SessionCookie: Sendable {
  enum Kind: String {
    case session = "latchkey-session"
    case visit = "latchkey-visit"
    case language = "latchkey-language"
  }

  /// Whether the browser came by TLS.
  let isSecure: Bool

  private func name(_ kind: Kind) -> String { (isSecure ? "__Host-" : "") + kind.rawValue }

  /// The value that a request brings; nil when it brings none, or several.
  func value(_ kind: Kind, in request: Request) -> String? {
    let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
    let own = pairs.compactMap { pair -> Substring? in
      let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 && parts[0] == name(kind) ? parts[1] : nil
    }
    return own.count == 1 ? String(own[0]) : nil
  }

  /// The field that sets it; for nil, the one that takes it back.
  ///
  /// - Parameter lifetime: In seconds; without it, until the browser ends.
  func setting(_ kind: Kind, to value: String?, lifetime: Int? = nil) -> HTTPField {
    let age = value == nil ? 0 : lifetime
    let parts = [
      "\(name(kind))=\(value ?? "")", "Path=/", "HttpOnly", "SameSite=Lax", isSecure ? "Secure" : nil,
      age.map { "Max-Age=\($0)" },
    ]
    return HTTPField(name: .setCookie, value: parts.compactMap(\.self).joined(separator: "; "))
  }
}
