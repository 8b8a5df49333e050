import Crypto

/// One secret of a subscription key in the clear: `lk_`, 32 random bytes as 43 base62 digits, and 6 base62 digits
/// of the CRC-32 of all before, by which scanners know a leaked one and a typo is refused without a look-up.
///
/// It is shown once and never stored or logged: what is kept is its ``digest``. It does not print.
package struct SecretValue: Sendable {
  /// The whole length in bytes: 3 + 43 + 6.
  package static let length = 52
  package static let marker = Array("lk_".utf8)

  /// The value for the one answer that shows it.
  package let revealed: String

  /// A new value from a cryptographic random source.
  package init(using source: inout some RandomNumberGenerator) {
    let random = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    let body = Self.marker + Base62.encode(random, length: 43)
    revealed = String(decoding: body + Self.checksum(of: body), as: UTF8.self)
  }

  init(revealing text: String) {
    revealed = text
  }

  /// A new value from the system's random source.
  package static func random() -> Self {
    var source = SystemRandomNumberGenerator()
    return Self(using: &source)
  }

  /// What documents show. It is of the form, and nobody's: its digits say that it is an example.
  package static var example: Self {
    let body = marker + Array(ExampleSecret.digits.utf8)
    return Self(revealing: String(decoding: body + checksum(of: body), as: UTF8.self))
  }

  /// What is stored and looked up: SHA-256 of the whole value's bytes.
  package var digest: SecretDigest {
    SecretDigest(hashing: revealed)
  }

  /// What may be shown later, so that a person tells two secrets apart: the first 8 characters, 30 of 256 random bits.
  package var prefix: String {
    String(revealed.prefix(8))
  }

  /// Whether `bytes` are a secret as the gateway issues them: its length, its alphabet, its checksum.
  package static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == length, bytes[0] == 0x6C, bytes[1] == 0x6B, bytes[2] == 0x5F else { return false }
    let digits = UnsafeRawBufferPointer(rebasing: bytes[3...])
    guard Base62.areDigits(digits) else { return false }
    return Base62.decode(digits[43...]) == UInt64(CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<46])))
  }

  private static func checksum(of body: [UInt8]) -> [UInt8] {
    Base62.encode(body.withUnsafeBytes(CRC32.checksum), length: 6)
  }
}

extension SecretValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "SecretValue(\(prefix)…)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["prefix": prefix]) }
}

/// SHA-256 of a credential: what the database, the snapshot and a look-up know of it.
package struct SecretDigest: Hashable, Sendable, BitwiseCopyable {
  private let first, second: TwoWords

  package init(high: UInt128, low: UInt128) {
    (first, second) = (TwoWords(high), TwoWords(low))
  }

  /// `nil` unless there are 32 bytes.
  package init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    self.init(
      high: UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self)),
      low: UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt128.self)))
  }

  /// The digest's 32 bytes as two halves, first half first, each big-endian.
  package var high: UInt128 { first.value }
  package var low: UInt128 { second.value }

  package init(hashing value: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: value)
    self = hash.finalize().withUnsafeBytes { Self(bytes: $0)! }
  }

  package init(hashing value: String) {
    var value = value
    self = value.withUTF8 { Self(hashing: UnsafeRawBufferPointer($0)) }
  }

  package var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }
}
