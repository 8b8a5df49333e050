import Model
import Testing

/// A type's schema says what its initialiser does: each text is taken by both or by neither.
struct ConstrainedTextTests {
  private static let texts: [String] =
    [
      "", " ", "   ", "a", " a ", "\t", "a\tb", "a\nb", "a\r\nb", "\u{A0}", "\u{3000}", "\u{0}", "a\u{1F}", "\u{7F}",
      "\u{85}",
      "a\u{9F}", "e\u{301}", "\u{202E}x", "\u{1F469}\u{200D}\u{1F680}", "'\"\\%_$", "x@y", "x@y.example", "@y", "x@",
      "x@y@z", "x y@z", "X@Y", "x@y_z", "x@ä", "a-b", "-a", "a-", "--", "A", "a_b", "0",
      "ten_00000000000000000000000000", "ten_80000000000000000000000000", "ten_0000000000000000000000000O",
    ]
    + [1, 2, 12, 62, 63, 64, 99, 100, 101, 253, 254, 255, 256, 257, 999, 1000, 1001].map {
      String(repeating: "a", count: $0)
    }
    + [String(repeating: "\u{1F600}", count: 100), String(repeating: "e\u{301}", count: 51)]

  private func agreement<Text: ConstrainedText>(_ type: Text.Type) throws {
    let constraint = Text.constraint
    for text in Self.texts {
      let fits = constraint.length.contains(text.unicodeScalars.count)
      let matches = try constraint.pattern.map {
        try text.firstMatch(of: Regex($0).matchingSemantics(.unicodeScalar)) != nil
      }
      #expect((Text(text) != nil) == (fits && matches ?? true), "\(type): \(text.unicodeScalars.map(\.value))")
    }
  }

  @Test func describesItself() throws {
    try agreement(DisplayName.self)
    try agreement(Remark.self)
    try agreement(SearchText.self)
    try agreement(EmailAddress.self)
    try agreement(Password.self)
    try agreement(Slug.self)
    try agreement(ID<Tenant>.self)
  }

  @Test(arguments: ["a\u{301}", "\u{E1}", "<b>", " x ", "\u{FEFF}x"])
  func keepsTheTextAsGiven(text: String) throws {
    let name = try #require(DisplayName(text))
    #expect(name.description.unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test func doesNotPrintPasswords() throws {
    let password = try #require(Password("correct horse battery"))
    #expect(!"\(password) \(String(reflecting: password)) \([password])".contains("horse"))
    var dumped = ""
    dump(password, to: &dumped)
    #expect(!dumped.contains("horse"))
  }

  @Test func comparesAddressesWithoutCase() {
    #expect(EmailAddress("Jo@Example.com") == EmailAddress("jo@example.COM"))
    #expect(EmailAddress("jo@example.com") != EmailAddress("jo@example.org"))
  }
}
