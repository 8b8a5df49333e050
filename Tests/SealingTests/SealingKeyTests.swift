import Foundation
import Testing

@testable import Sealing

@Suite struct SealingKeyTests {
  private static let hexadecimal = String(repeating: "0f", count: 32)
  private static let base64 = Data(repeating: 0xFB, count: 32).base64EncodedString()

  @Test(arguments: [
    (hexadecimal, [1]), (base64, [1]), (String(base64.dropLast()), [1]),
    (base64.replacing("+", with: "-").replacing("/", with: "_"), [1]),
    ("7:\(hexadecimal)", [7]), ("2:\(base64),1:\(hexadecimal)", [2, 1]), (" 2:\(base64) , 1:\(hexadecimal)\n", [2, 1]),
    ("1:\(base64)\n", [1]),
  ]) func readsKeys(_ text: String, _ versions: [UInt32]) throws {
    let ring = try #require(SealingKeyRing(text))
    #expect(ring.keys.map(\.version) == versions)
    #expect(ring.newest.version == versions[0])
  }

  @Test(arguments: [
    "", ",", "1:", "secret", "\(hexadecimal)0", String(hexadecimal.dropLast(2)), "0:\(base64)", "-1:\(base64)",
    "4294967296:\(base64)", "1:\(base64),1:\(hexadecimal)", "1:\(base64),\(hexadecimal)", "\(base64),\(hexadecimal)",
    "one:\(base64)", "1:2:\(base64)", String(repeating: "é", count: 32), "+1:\(base64)",
  ]) func refuses(_ text: String) {
    #expect(SealingKeyRing(text) == nil)
  }

  @Test func neverPrintsItself() throws {
    let ring = try #require(SealingKeyRing("2:\(Self.base64),1:\(Self.hexadecimal)"))
    var dumped = ""
    dump(ring, to: &dumped)
    dump(Sealer(ring), to: &dumped)
    for text in ["\(ring)", String(reflecting: ring), "\(ring.newest)", "\(Optional(ring) as Any)", dumped] {
      #expect(!text.contains(Self.base64.prefix(6)))
      #expect(!text.contains("251"))
      #expect(!text.contains("0f0f"))
    }
  }

  @Test func addsANewestKey() throws {
    let ring = try #require(SealingKeyRing("4:\(Self.base64),9:\(Self.hexadecimal)")).adding()
    #expect(ring?.keys.map(\.version) == [10, 4, 9])
    #expect(SealingKeyRing("4294967295:\(Self.base64)")?.adding() == nil)
  }
}
