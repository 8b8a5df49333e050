import Framing
package import Model

/// The secret that the last call of a connection presented, with its digest: nearly all clients keep their connection, and
/// with it their key.
///
/// It saves hashing, never a look-up: what the digest is worth is asked of the snapshot for each call.
package struct SecretMemo: Sendable {
  /// The secret's bytes by eight, the last eight of them overlapping.
  private typealias Words = InlineArray<7, UInt64>

  private var words = Words(repeating: 0)
  private var digest: SecretDigest?
  /// What values that were brought along are digested under; nil where there are none.
  let importedValueKeys: ImportedValueKeys?

  package init(importedValueKeys: ImportedValueKeys? = nil) {
    self.importedValueKeys = importedValueKeys
  }

  /// The digest of the secret in `range`; nil when that is no secret as they are issued.
  mutating func digest(of range: ByteRange, in bytes: Span<UInt8>) -> SecretDigest? {
    guard range.count == SecretValue.length else { return nil }
    return bytes.extracting(range.indices).withUnsafeBytes { secret in
      let words = Words { index in
        secret.loadUnaligned(fromByteOffset: min(index * 8, SecretValue.length - 8), as: UInt64.self)
      }
      if let digest, isLast(words) { return digest }
      guard SecretValue.isWellFormed(secret) else { return nil }
      let digest = SecretDigest(hashing: secret)
      (self.words, self.digest) = (words, digest)
      return digest
    }
  }

  /// Looks at every word: a connection can carry the calls of several clients, and how long it takes is told to all.
  private func isLast(_ words: Words) -> Bool {
    var difference: UInt64 = 0
    for index in words.indices { difference |= words[index] ^ self.words[index] }
    return difference == 0
  }
}
