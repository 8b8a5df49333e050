package import Crypto
package import FoundationEssentials
import Model

/// One key that secrets are sealed under: 32 random bytes, and the version by which what it sealed names it.
package struct SealingKey: Sendable {
  package static let byteCount = 32

  /// From 1 on.
  package let version: UInt32
  private let bytes: SymmetricKey

  /// `nil` unless they are 32 bytes and the version is not 0.
  package init?(version: UInt32, bytes: some ContiguousBytes) {
    let key = SymmetricKey(data: bytes)
    guard version > 0, key.bitCount == Self.byteCount * 8 else { return nil }
    (self.version, self.bytes) = (version, key)
  }

  /// A new key of the system's random source.
  package static func random(version: UInt32) -> SealingKey? {
    SymmetricKey(size: .bits256).withUnsafeBytes { SealingKey(version: version, bytes: Data($0)) }
  }

  /// A key of its own for each purpose, so that what is learned of one tells nothing of another: HKDF-SHA256.
  package func subkey(for purpose: SealingPurpose) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: bytes, salt: Data("latchkey sealing key".utf8), info: Data(purpose.rawValue.utf8),
      outputByteCount: Self.byteCount)
  }
}

extension SealingKey {
  /// `nil` unless `text` is `VERSION:KEY`, the key 32 bytes in base64 (also base64url, with or without `=`) or
  /// hexadecimal.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let version = UInt32(parts[0]),
      let bytes = Self.bytes(parts[1])
    else { return nil }
    self.init(version: version, bytes: bytes)
  }

  /// The 32 bytes that a text stands for.
  static func bytes(_ text: some StringProtocol) -> Data? {
    let bytes = text.utf8.count == byteCount * 2 ? Hexadecimal.decode(text).map { Data($0) } : base64(text)
    return bytes?.count == byteCount ? bytes : nil
  }

  private static func base64(_ text: some StringProtocol) -> Data? {
    let bare = text.prefix { $0 != "=" }.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    let padding = String(repeating: "=", count: (4 - bare.count % 4) % 4)
    return Data(base64Encoded: String(bare) + padding)
  }

  /// As it is written to a key file: the only way out for a key.
  var revealed: String {
    bytes.withUnsafeBytes { "\(version):\(Data($0).base64EncodedString())" }
  }
}

extension SealingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "sealing key \(version)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["version": version]) }
}
