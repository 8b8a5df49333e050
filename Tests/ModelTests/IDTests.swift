import Testing

@testable import Model

enum Sample: Identified {
  static let idPrefix: StaticString = "sub"
}

@Suite struct IDTests {
  @Test(arguments: [
    (UInt128(0), "sub_00000000000000000000000000"),
    (UInt128(31), "sub_0000000000000000000000000z"),
    (UInt128.max, "sub_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
  ])
  func writesPrefixAndBase32(bits: UInt128, text: String) {
    #expect(ID<Sample>(bits: bits).description == text)
    #expect(ID<Sample>(text)?.bits == bits)
  }

  @Test func readsBackWhatItWrote() {
    for _ in 0..<1_000 {
      let id = ID<Sample>.random()
      #expect(ID<Sample>(id.description) == id)
    }
  }

  @Test(arguments: [
    "", "sub", "sub_", "sub_0000000000000000000000000", "sub_000000000000000000000000000",
    "key_00000000000000000000000000", "sub-00000000000000000000000000", "SUB_00000000000000000000000000",
    "sub_8zzzzzzzzzzzzzzzzzzzzzzzzz", "sub_0000000000000000000000000Z", "sub_0000000000000000000000000u",
    "sub_0000000000000000000000000 ", " sub_00000000000000000000000000", "sub_０0000000000000000000000000",
    "sub_000000000000000000000000é",
  ])
  func refusesEveryOtherSpelling(text: String) {
    #expect(ID<Sample>(text) == nil)
  }
}
