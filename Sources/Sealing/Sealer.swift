package import Crypto
package import FoundationEssentials
import Synchronization

/// Seals secrets for the database, and opens them.
///
/// Keys that a file holds are read again before anything is sealed, and when something was sealed under one that is not
/// known yet, so that a process goes on while they are rotated.
package final class Sealer: Sendable {
  private let ring: Mutex<SealingKeyRing>
  private let reload: @Sendable () -> SealingKeyRing?

  /// - Parameter reload: reads the keys again; nil where there is nothing new to read. Called at each use of the newest key.
  package init(_ ring: SealingKeyRing, reload: @escaping @Sendable () -> SealingKeyRing? = { nil }) {
    self.ring = Mutex(ring)
    self.reload = reload
  }

  /// As they are now.
  package var keys: SealingKeyRing {
    let again = reload()
    return ring.withLock { ring in
      if let again { ring = again }
      return ring
    }
  }

  /// Seals under the newest key: the version, and what only the same purpose and place open.
  package func seal(_ plain: some DataProtocol, for purpose: SealingPurpose, at place: SealedPlace) throws -> [UInt8] {
    try SealedValue(sealing: plain, for: purpose, at: place, under: keys.newest).bytes
  }

  /// - Throws: ``SealingError``.
  package func open(
    _ sealed: some Collection<UInt8>, for purpose: SealingPurpose, at place: SealedPlace
  ) throws(SealingError) -> [UInt8] {
    let value = try SealedValue(sealed)
    guard let key = key(version: value.keyVersion) else { throw .unknownKey(version: value.keyVersion) }
    return try value.open(for: purpose, at: place, under: key)
  }

  /// The same value under the newest key; nil when it is already.
  ///
  /// - Throws: ``SealingError``.
  package func reseal(
    _ sealed: some Collection<UInt8>, for purpose: SealingPurpose, at place: SealedPlace
  ) throws -> [UInt8]? {
    guard try SealedValue(sealed).keyVersion != keys.newest.version else { return nil }
    return try seal(open(sealed, for: purpose, at: place), for: purpose, at: place)
  }

  /// A purpose's subkey of each key, the newest first, for who needs a key but seals nothing: a digest under one can't
  /// be made again under another, so whoever keeps it keeps the version too.
  package func subkeys(for purpose: SealingPurpose) -> [(version: UInt32, key: SymmetricKey)] {
    keys.keys.map { ($0.version, $0.subkey(for: purpose)) }
  }

  private func key(version: UInt32) -> SealingKey? {
    ring.withLock { $0.key(version: version) } ?? keys.key(version: version)
  }
}
