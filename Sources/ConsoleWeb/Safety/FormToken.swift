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
    return own.count == given.count && zip(own, given).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension Request {
  /// Whether a browser says that a page of this origin sent this, by `Origin` or, without one, `Sec-Fetch-Site`.
  ///
  /// The scheme counts: whoever is on the way of a host's unencrypted traffic can make pages of its `http` origin.
  func isFromPage(of ownOrigin: String?) -> Bool {
    guard let ownOrigin else { return false }
    if let origin = headers[.origin] { return origin == ownOrigin }
    return headers[.secFetchSite] == "same-origin"
  }
}

extension HTTPField.Name {
  fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}

/// How a form comes.
enum FormEncoding: String, Sendable {
  /// `application/x-www-form-urlencoded`, up to 1 MiB.
  case urlencoded
  /// `multipart/form-data`, up to 6 MiB: a document of 4 MiB, or its text with what a form adds.
  case multipart
}

extension Request {
  /// Reads what is left of the body and drops it, up to 256 MiB.
  func readToTheEnd() async {
    var length = 0
    do {
      for try await part in body {
        length += part.readableBytes
        guard length <= 256 << 20 else { return }
      }
    } catch {}
  }

  /// What was typed into a form.
  ///
  /// - Throws: `InvalidInput`, or why the body was not read.
  func form(_ encoding: FormEncoding) async throws -> TypedForm {
    switch encoding {
    case .urlencoded:
      return TypedForm(try QueryString.json(ofEncoded: String(buffer: try await wholeBody(upTo: 1 << 20))))
    case .multipart:
      guard let boundary = MultipartForm.boundary(of: headers[.contentType]) else { return try await form(.urlencoded) }
      let body = try await wholeBody(upTo: 6 << 20)
      return try TypedForm(MultipartForm(Array(body.readableBytesView), boundary: boundary))
    }
  }
}
