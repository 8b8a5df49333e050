/// What a credential in the clear is recognised by.
package protocol CredentialKind: SendableMetatype {
  /// What its texts begin with, as in `inv_`.
  static var credentialPrefix: StaticString { get }
}

/// A credential in the clear: its kind's prefix, 32 random bytes as 43 base62 digits, and 6 base62 digits of the CRC-32 of
/// all before, by which scanners know a leaked one and nothing else is looked up.
///
/// It is shown once and never stored or logged: what is kept is its ``digest``. It does not print.
package struct Credential<Kind: CredentialKind>: Sendable {
  /// Base62 digits behind the prefix.
  package static var digits: Int { 49 }

  /// The text for the one answer that shows it.
  package let revealed: String

  /// A new credential from a cryptographic random source.
  package init(using source: inout some RandomNumberGenerator) {
    let random = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    let body = Self.marker + Base62.encode(random, length: 43)
    revealed = String(decoding: body + Self.checksum(of: body), as: UTF8.self)
  }

  /// A new credential from the system's random source.
  package static func random() -> Self {
    var source = SystemRandomNumberGenerator()
    return Self(using: &source)
  }

  /// What documents show. It is of the form, and nobody's: its digits say that it is an example.
  package static var example: Self {
    let body = marker + Array(ExampleSecret.digits.utf8)
    return Self(revealing: String(decoding: body + checksum(of: body), as: UTF8.self))
  }

  private init(revealing text: String) {
    revealed = text
  }

  /// What a client sent; `nil` unless it is of the kind's form, checksum included.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let (body, checksum) = (Array(bytes.dropLast(6)), Array(bytes.suffix(6)))
    guard bytes.starts(with: Self.marker), bytes.count == Self.marker.count + Self.digits,
      Array(bytes.dropFirst(Self.marker.count)).withUnsafeBytes(Base62.areDigits), checksum == Self.checksum(of: body)
    else { return nil }
    revealed = text
  }

  /// What is stored and looked up: SHA-256 of the whole text's bytes.
  package var digest: SecretDigest {
    SecretDigest(hashing: revealed)
  }

  /// What may be shown later, so that a person tells two apart: the kind's prefix and 5 digits, 30 of 256 random bits.
  package var prefix: String {
    String(revealed.prefix(Self.marker.count + 5))
  }

  private static var marker: [UInt8] {
    Array("\(Kind.credentialPrefix)".utf8)
  }

  private static func checksum(of body: [UInt8]) -> [UInt8] {
    Base62.encode(body.withUnsafeBytes(CRC32.checksum), length: 6)
  }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "Credential(\(prefix)…)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["prefix": prefix]) }
}
