import ConsoleAPI
import Contract
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Model
import NIOCore

/// What every form carries back: a digest of the cookie, which no other site can read or know.
struct FormToken: Equatable, Sendable {
  static let field = "formToken"
  let text: String

  /// - Parameter cookie: A session's token, or the value of a visit.
  init(of cookie: String) {
    let key = SymmetricKey(data: Data("latchkey form token".utf8))
    text = Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Data(cookie.utf8), using: key))
  }

  /// Compares in a time that does not depend on where they differ.
  func matches(_ given: String) -> Bool {
    let (own, given) = (Array(text.utf8), Array(given.utf8))
    return own.count == given.count && zip(own, given).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
  }
}

extension Request {
  /// Whether a browser says that a page of this host sent this, by `Origin` or, without one, `Sec-Fetch-Site`.
  func isFromPage(of authority: String?) -> Bool {
    guard let authority else { return false }
    if let origin = headers[.origin] {
      return origin == "http://\(authority)" || origin == "https://\(authority)"
    }
    return headers[.secFetchSite] == "same-origin"
  }
}

extension HTTPField.Name {
  fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}

extension Request {
  /// The fields of a form that was sent as `application/x-www-form-urlencoded`.
  ///
  /// - Throws: `InvalidInput`, or why the body was not read.
  func form(upTo limit: Int) async throws -> JSONValue {
    try QueryString.json(ofEncoded: String(buffer: try await wholeBody(upTo: limit)))
  }
}
