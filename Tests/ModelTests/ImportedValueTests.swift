import Crypto
import Model
import Testing

struct ImportedValueTests {
  private static let twenty = "abcdefghijklmnopqrst"

  private static let texts: [(String, Bool)] = [
    (twenty, true), (String(twenty.dropLast()), false), (String(repeating: "x", count: 128), true),
    (String(repeating: "x", count: 129), false), ("lk_\(twenty)", false), ("LK_\(twenty)", true),
    ("x_lk_\(twenty)", true), ("\(twenty),", false), ("\(twenty) ", false), ("\(twenty)!~\"\\{}", true),
    ("\(twenty)\u{7F}", false), ("\(twenty)é", false), ("\(twenty)\u{0}", false), ("", false),
  ]

  @Test(arguments: texts)
  func takesVisibleCharactersThatAreNotOurs(text: String, isTaken: Bool) throws {
    let value = ImportedValue(text)
    #expect((value != nil) == isTaken)
    let regex = try Regex(try #require(ImportedValue.constraint.pattern))
    let isDocumented =
      text.wholeMatch(of: regex) != nil && ImportedValue.constraint.length.contains(text.unicodeScalars.count)
    #expect(isDocumented == isTaken, "as the schema says")
  }

  @Test func doesNotPrint() throws {
    let value = try #require(ImportedValue(Self.twenty))
    var dumped = ""
    dump(value, to: &dumped)
    for text in ["\(value)", String(reflecting: value), dumped] { #expect(!text.contains("efgh")) }
  }

  @Test func isAnotherDigestInEachTenantAndUnderEachKey() throws {
    let value = try #require(ImportedValue(Self.twenty))
    let keys = [UInt8(1), 2].map { byte in
      ImportedValueKeys.Key(version: 1, key: SymmetricKey(data: [UInt8](repeating: byte, count: 32)))
    }
    let tenants = [ID<Tenant>.random(), .random()]
    let digests = keys.flatMap { key in tenants.map { key.digest(of: value, for: $0) } }
    #expect(Set(digests).count == 4)
    #expect(keys[0].digest(of: value, for: tenants[0]) == digests[0])
    #expect(!digests.contains(SecretDigest(hashing: value.revealed)))
  }
}
