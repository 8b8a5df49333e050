import Crypto
import Foundation
import Model
import Testing

@testable import Sealing

@Suite struct SealerTests {
  private let tenant = ID<Tenant>(bits: 1)
  private let entity = ID<Deployment>(bits: 2)
  private let secret = Array("a canary that must not be read".utf8)

  private var place: SealedPlace { SealedPlace(tenant: tenant, entity: entity, field: "headers") }

  private func sealer(_ versions: UInt32...) throws -> Sealer {
    let keys = versions.map { SealingKey(version: $0, bytes: Data(repeating: UInt8($0), count: 32)) }
    return Sealer(try #require(SealingKeyRing(keys.compactMap(\.self))))
  }

  @Test func opensWhatItSealed() throws {
    let sealer = try sealer(1)
    for plain in [[], secret, [UInt8](repeating: 7, count: 100_000)] {
      let sealed = try sealer.seal(plain, for: .backendHeaders, at: place)
      #expect(sealed.count == plain.count + 4 + 12 + 16)
      #expect(try sealer.open(sealed, for: .backendHeaders, at: place) == plain)
    }
  }

  @Test func neverSealsTheSameTwice() throws {
    let sealer = try sealer(1)
    let sealed = try (0..<100).map { _ in try sealer.seal(secret, for: .backendHeaders, at: place) }
    #expect(Set(sealed).count == 100)
    #expect(sealed.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("canary") })
  }

  /// The parts are told apart, not just strung together.
  @Test func opensNowhereElse() throws {
    let sealer = try sealer(1)
    let sealed = try sealer.seal(secret, for: .backendHeaders, at: place)
    let others = [
      SealedPlace(tenant: ID(bits: 9), entity: entity, field: "headers"),
      SealedPlace(tenant: tenant, entity: ID<Deployment>(bits: 9), field: "headers"),
      SealedPlace(tenant: tenant, entity: ID<APIGroup>(bits: 2), field: "headers"),
      SealedPlace(tenant: tenant, entity: entity, field: "header"),
      SealedPlace(tenant: "\(tenant)\(entity)", entity: "", field: "headers"),
    ]
    for other in others {
      #expect(throws: SealingError.damaged) { try sealer.open(sealed, for: .backendHeaders, at: other) }
    }
    #expect(try sealer.open(sealed, for: .backendHeaders, at: place) == secret)
  }

  @Test func opensNothingThatWasChanged() throws {
    let sealer = try sealer(1)
    let sealed = try sealer.seal(secret, for: .backendHeaders, at: place)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: SealingError.self) { try sealer.open(changed, for: .backendHeaders, at: place) }
    }
    for length in 0..<sealed.count {
      #expect(throws: SealingError.self) { try sealer.open(sealed[..<length], for: .backendHeaders, at: place) }
    }
    #expect(throws: SealingError.damaged) { try sealer.open(sealed + [0], for: .backendHeaders, at: place) }
  }

  @Test func opensUnderEachKeyAndSealsUnderTheFirst() throws {
    let old = try sealer(1).seal(secret, for: .backendHeaders, at: place)
    let both = try sealer(2, 1)
    #expect(try both.open(old, for: .backendHeaders, at: place) == secret)
    let sealed = try both.seal(secret, for: .backendHeaders, at: place)
    #expect(Array(sealed.prefix(4)) == [0, 0, 0, 2])

    let new = try #require(try both.reseal(old, for: .backendHeaders, at: place))
    #expect(try both.reseal(new, for: .backendHeaders, at: place) == nil)
    #expect(try sealer(2).open(new, for: .backendHeaders, at: place) == secret)
    #expect(throws: SealingError.unknownKey(version: 1)) {
      try sealer(2).open(old, for: .backendHeaders, at: place)
    }
  }

  @Test func readsTheKeysAgainForOneThatItDoesNotKnow() throws {
    let later = try sealer(2, 1)
    let sealer = Sealer(try sealer(1).keys) { later.keys }
    let sealed = try later.seal(secret, for: .backendHeaders, at: place)
    #expect(try sealer.open(sealed, for: .backendHeaders, at: place) == secret)
    #expect(sealer.keys.newest.version == 2)
  }

  @Test func sealsUnderTheKeyThatAFileWasGivenMeanwhile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = SealingKeyFile(in: folder)
    let first = try file.readMaking()
    let sealer = Sealer(first, reload: file.readingChanges())
    func version() throws -> UInt8 { try sealer.seal(secret, for: .backendHeaders, at: place)[3] }
    #expect(try version() == 1)
    try file.replace(by: try #require(first.adding()))
    #expect(sealer.subkeys(for: .importedValues).map(\.version) == [2, 1])
    #expect(try version() == 2)
    // What cannot be read changes nothing.
    try FileManager.default.removeItem(atPath: file.path)
    #expect(try version() == 2)
  }

  @Test func derivesAKeyForEachPurpose() throws {
    let keys = try sealer(2, 1).subkeys(for: .backendHeaders)
    #expect(keys.map(\.version) == [2, 1])
    #expect(keys[0].key != keys[1].key)
    // RFC 5869's own construction, so that a purpose's key stays what it is.
    let expected = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: Data(repeating: 1, count: 32)), salt: Data("latchkey sealing key".utf8),
      info: Data("backend headers".utf8), outputByteCount: 32)
    #expect(keys[1].key == expected)
  }
}
