/// What a signed-in browser or program shows with each call: `ses_` and 256 random bits in base62.
///
/// Shown once and never stored or logged: what is kept is its ``digest``. It does not print.
package struct SessionToken: Sendable {
  /// The value for the one answer that shows it.
  package let revealed: String

  /// A new token from a cryptographic random source.
  package init(using source: inout some RandomNumberGenerator) {
    let random = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    revealed = Self.prefix + String(decoding: Base62.encode(random, length: 43), as: UTF8.self)
  }

  /// A new token from the system's random source.
  package static func random() -> Self {
    var source = SystemRandomNumberGenerator()
    return Self(using: &source)
  }

  /// What documents show. It is of the form, and nobody's: its digits say that it is an example.
  package static var example: Self { Self(revealing: prefix + ExampleSecret.digits) }

  private init(revealing text: String) {
    revealed = text
  }

  /// What a client sent; `nil` unless it is of a token's form, so that nothing else is looked up.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix), text.utf8.count == Self.prefix.utf8.count + 43,
      Array(text.utf8.dropFirst(Self.prefix.utf8.count)).withUnsafeBytes(Base62.areDigits)
    else { return nil }
    revealed = text
  }

  /// What is stored and looked up: SHA-256 of the whole token's bytes.
  package var digest: SecretDigest {
    SecretDigest(hashing: revealed)
  }

  private static let prefix = "ses_"
}

extension SessionToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "SessionToken(…)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
