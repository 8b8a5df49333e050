import Crypto
import FoundationEssentials

/// A sealed value as it is kept: key version (4 bytes, big-endian) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
struct SealedValue {
  private static let versionLength = 4
  private static let overhead = versionLength + 12 + 16

  let keyVersion: UInt32
  private let box: AES.GCM.SealedBox

  /// Seals `plain`; only the same key, purpose and place open it.
  init(sealing plain: some DataProtocol, for purpose: SealingPurpose, at place: SealedPlace, under key: SealingKey)
    throws
  {
    keyVersion = key.version
    box = try AES.GCM.seal(plain, using: key.subkey(for: purpose), authenticating: place.bytes)
  }

  /// - Throws: ``SealingError/damaged``.
  init(_ bytes: some Collection<UInt8>) throws(SealingError) {
    let bytes = Data(bytes)
    guard bytes.count >= Self.overhead,
      let box = try? AES.GCM.SealedBox(combined: bytes.dropFirst(Self.versionLength))
    else { throw .damaged }
    keyVersion = bytes.prefix(Self.versionLength).reduce(0) { $0 << 8 | UInt32($1) }
    self.box = box
  }

  var bytes: [UInt8] {
    // A nonce of twelve bytes, which sealing makes and reading requires, always has a combined form.
    withUnsafeBytes(of: keyVersion.bigEndian, Array.init) + Array(box.combined ?? Data())
  }

  /// - Throws: ``SealingError/damaged`` for another key, purpose or place, or where a bit was changed.
  func open(for purpose: SealingPurpose, at place: SealedPlace, under key: SealingKey) throws(SealingError) -> [UInt8] {
    guard let plain = try? AES.GCM.open(box, using: key.subkey(for: purpose), authenticating: place.bytes) else {
      throw .damaged
    }
    return Array(plain)
  }
}
