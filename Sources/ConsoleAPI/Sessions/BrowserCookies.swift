import Foundation
package import HTTPTypes
package import Hummingbird
package import Model

/// What a browser keeps: the session's token or, before there is one, a random value that its forms are tied to; and what it
/// is known by again once the session is over.
///
/// Where the browser came by TLS the cookies are `Secure` and have the `__Host-` prefix, so that no neighbour of ours
/// can set them (RFC 6265bis §4.1.3.2).
package struct BrowserCookies: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case session = "latchkey-session"
    case visit = "latchkey-visit"
    case language = "latchkey-language"
    case device = "latchkey-device"
  }

  /// Whether the browser came by TLS.
  package let isSecure: Bool

  package init(isSecure: Bool) {
    self.isSecure = isSecure
  }

  private func name(_ kind: Kind) -> String { (isSecure ? "__Host-" : "") + kind.rawValue }

  /// The value that a request brings; nil when it brings none, or several.
  package func value(_ kind: Kind, in request: Request) -> String? {
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
  package func setting(_ kind: Kind, to value: String?, lifetime: Int? = nil) -> HTTPField {
    let age = value == nil ? 0 : lifetime
    let parts = [
      "\(name(kind))=\(value ?? "")", "Path=/", "HttpOnly", "SameSite=Lax", isSecure ? "Secure" : nil,
      age.map { "Max-Age=\($0)" },
    ]
    return HTTPField(name: .setCookie, value: parts.compactMap(\.self).joined(separator: "; "))
  }

  /// What a request shows that may be a browser which an account has signed in by.
  package func device(in request: Request) -> Credential<DeviceCookie>? {
    value(.device, in: request).flatMap { Credential<DeviceCookie>($0) }
  }

  /// The field by which a browser is known again.
  package func setting(_ device: Credential<DeviceCookie>) -> HTTPField {
    setting(.device, to: device.revealed, lifetime: DeviceCookie.lifetimeInDays * 86_400)
  }
}
