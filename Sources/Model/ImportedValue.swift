package import Crypto

/// A key's value that its provider brought along, in the clear: 20 to 128 visible ASCII characters without a comma, not
/// beginning as our own do. It may be guessable. It does not print.
package struct ImportedValue: ConstrainedText {
  private static let lengths = 20...128

  package static let constraint = TextConstraint(
    length: lengths, pattern: #"^(?!lk_)[!-+\--~]*$"#,
    requirement: "must be 20 to 128 visible ASCII characters without a comma, not beginning with lk_",
    example: "acme-legacy-key-0001-example")

  /// The value itself, for the one that makes a digest of it.
  package let revealed: String

  package init?(_ text: String) {
    var text = text
    guard text.withUTF8({ Self.isWellFormed(UnsafeRawBufferPointer($0)) }) else { return nil }
    revealed = text
  }

  /// What may be shown later, so that a person tells two values apart: the first four characters.
  package var prefix: String { String(revealed.prefix(4)) }

  package var description: String { "ImportedValue(\(prefix)…)" }

  /// Whether `bytes` could be an imported value.
  package static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard lengths.contains(bytes.count), !bytes.starts(with: SecretValue.marker) else { return false }
    return bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
  }
}

extension ImportedValue: CustomDebugStringConvertible, CustomReflectable {
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["prefix": prefix]) }
}

/// What imported values are digested under: HMAC-SHA-256 with the tenant's id, so that a value is another's in each tenant,
/// and nobody who has the digests can try values out.
package struct ImportedValueKeys: Sendable {
  /// A key of a version.
  package struct Key: Sendable {
    package let version: UInt32
    private let key: SymmetricKey

    package init(version: UInt32, key: SymmetricKey) {
      (self.version, self.key) = (version, key)
    }

    /// The digest of a value that `tenant` imported.
    package func digest(of value: UnsafeRawBufferPointer, for tenant: ID<Tenant>) -> SecretDigest {
      var code = HMAC<SHA256>(key: key)
      withUnsafeBytes(of: tenant.bits.bigEndian) { code.update(data: $0) }
      code.update(data: value)
      return code.finalize().withUnsafeBytes { SecretDigest(bytes: $0)! }
    }

    package func digest(of value: ImportedValue, for tenant: ID<Tenant>) -> SecretDigest {
      var text = value.revealed
      return text.withUTF8 { digest(of: UnsafeRawBufferPointer($0), for: tenant) }
    }
  }

  /// The first is for new values; values under the others are still taken.
  package let keys: [Key]

  /// `nil` without a key.
  package init?(_ keys: [Key]) {
    guard !keys.isEmpty else { return nil }
    self.keys = keys
  }

  package var newest: Key { keys[0] }
}
