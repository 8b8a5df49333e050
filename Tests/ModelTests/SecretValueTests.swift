import Testing

@testable import Model

@Suite struct SecretValueTests {
  /// Known answers of CRC-32 (the check value of its catalogue entry) and of base62 by hand.
  @Test func computesTheStandardChecksum() {
    #expect(Array("123456789".utf8).withUnsafeBytes(CRC32.checksum) == 0xCBF4_3926)
    #expect(Base62.encode(61, length: 6) == Array("00000z".utf8))
    #expect(Base62.encode(62, length: 6) == Array("000010".utf8))
    #expect(Base62.encode([0, 0, 0, 62], length: 6) == Array("000010".utf8))
    #expect(Base62.encode([UInt8](repeating: 255, count: 32), length: 43).first != UInt8(ascii: "0"))
  }

  @Test func issuesWellFormedValues() {
    for _ in 0..<1_000 {
      let secret = SecretValue.random()
      #expect(secret.revealed.utf8.count == SecretValue.length)
      #expect(isWellFormed(secret.revealed))
    }
  }

  @Test func refusesEveryValueWithOneCharacterChanged() {
    let value = Array(SecretValue.random().revealed.utf8)
    for index in value.indices {
      for replacement in "0Aa_ ".utf8 where replacement != value[index] {
        var changed = value
        changed[index] = replacement
        #expect(!isWellFormed(String(decoding: changed, as: UTF8.self)))
      }
    }
    #expect(!isWellFormed(""))
    #expect(!isWellFormed(String(decoding: value.dropLast(), as: UTF8.self)))
    #expect(!isWellFormed(String(decoding: value + [48], as: UTF8.self)))
  }

  @Test func neverPrintsItself() {
    let secret = SecretValue.random()
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)"] {
      #expect(!text.contains(secret.revealed.dropFirst(8)))
    }
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains(secret.revealed.dropFirst(8)))
  }

  /// SHA-256 of "abc": FIPS 180-4, example B.1.
  @Test func digestsBySHA256() {
    let digest = SecretDigest(hashing: "abc")
    #expect(digest.high == 0xBA78_16BF_8F01_CFEA_4141_40DE_5DAE_2223)
    #expect(digest.low == 0xB003_61A3_9617_7A9C_B410_FF61_F200_15AD)
    #expect(digest.bytes.withUnsafeBytes { SecretDigest(bytes: $0) } == digest)
  }

  private func isWellFormed(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { SecretValue.isWellFormed($0) }
  }
}
