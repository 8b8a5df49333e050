import Crypto
import Foundation
import Framing
import Model
import Routing
import Testing

/// Values that a provider brought along (threats, row 29): they count at its own groups, and nowhere else.
struct ImportedSecretTests {
  private static let value = "legacy-key-0123456789"
  private static let keys = ImportedValueKeys([key(2), key(1)])!

  private static func key(_ version: UInt8) -> ImportedValueKeys.Key {
    .init(version: UInt32(version), key: SymmetricKey(data: [UInt8](repeating: version, count: 32)))
  }

  /// What becomes of a call with `value` of a key that `tenant` imported it for, under the key of `version`.
  private func refusal(
    of value: String = value, importedBy tenant: KeyPath<World, ID<Tenant>> = \.acme, under version: UInt8 = 2,
    keys: ImportedValueKeys? = keys
  ) throws -> Refusal? {
    let world = World()
    let imported = try #require(ImportedValue(Self.value))
    let digest = Self.key(version).digest(of: imported, for: world[keyPath: tenant])
    let key = PublishedKey(
      id: world.key, tenant: world[keyPath: tenant], secrets: [.init(digest), .init(world.second.digest)],
      authorizations: [.init(group: world.echo, environment: .online)])
    let snapshot = world.snapshot.applying([.key(world.key, key)])
    let request = try Request("GET /acme/online/echo/hello", "\(World.defaultHeader): \(value)")
    var memo = SecretMemo(importedValueKeys: keys)
    let decision = snapshot.decide(
      Call(request.head), request.head, in: request.bytes.span, at: World.now, memo: &memo)
    #expect(
      try Request(fields: world.secondCredential).decision(by: snapshot).refusal == nil, "its other secret counts")
    return decision.refusal
  }

  @Test(arguments: [1, 2] as [UInt8])
  func countsAtTheImportersOwnGroups(version: UInt8) throws {
    #expect(try refusal(under: version) == nil)
  }

  @Test func countsAtNoOthersGroups() throws {
    #expect(try refusal(importedBy: \.globex) == .unauthenticated(.unknown))
  }

  @Test func countsUnderNoOtherKey() throws {
    #expect(try refusal(under: 3) == .unauthenticated(.unknown))
    #expect(try refusal(keys: nil) == .unauthenticated(.malformed))
  }

  @Test(arguments: ["Legacy-key-0123456789", "legacy-key-012345678", "legacy-key-0123456789x"])
  func isTakenByteForByte(value: String) throws {
    #expect(try refusal(of: value) == .unauthenticated(.unknown))
  }

  /// They have no checksum: whatever is of the form is looked up.
  @Test(arguments: value.indices)
  func takesNoOtherCaseOfALetter(at place: String.Index) throws {
    let flipped = Self.value[place].isLowercase ? Self.value[place].uppercased() : Self.value[place].lowercased()
    let other = Self.value.replacingCharacters(in: place...place, with: flipped)
    #expect(try refusal(of: other) == (other == Self.value ? nil : .unauthenticated(.unknown)))
  }

  @Test(arguments: [
    "l\u{435}gacy-key-0123456789", "legacy\u{2010}key-0123456789", "legacy-key-0123456789\u{200B}",
    "legac\u{443}-key-0123456789", "legacy-key-\u{FF10}123456789", "lega\u{301}cy-key-0123456789",
  ])
  func takesNothingThatLooksAlike(value: String) throws {
    #expect(try refusal(of: value) == .unauthenticated(.malformed))
  }

  @Test(arguments: ["legacy-key", "legacy-key-0123456789,x", "lk_legacy-key-0123456789", "legacy-key 0123456789"])
  func whatCannotHaveBeenImportedIsNotLookedUp(value: String) throws {
    #expect(try refusal(of: value) == .unauthenticated(.malformed))
  }
}
