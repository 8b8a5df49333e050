import Contract
import Testing

struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test(arguments: [
    (" {\"a\" : [1, -2.50, true, null, \"x\"]}\r\n", "{\"a\":[1,-2.50,true,null,\"x\"]}"),
    ("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"), ("1E+3", "1E+3"), ("-0", "0"),
    ("12345678901234567890", "12345678901234567890"),
    ("\"\\u00e9\\ud83d\\ude00\\/\\b\"", "\"é😀/\\u0008\""), ("\"<\\n\\\"\\\\\\t\"", "\"\\u003c\\n\\\"\\\\\\t\""),
    ("[]", "[]"),
    ("{}", "{}"),
  ])
  func writesWhatItReads(text: String, written: String) throws {
    let value = try parse(text)
    #expect(String(decoding: value.bytes, as: UTF8.self) == written)
    #expect(try JSONValue(parsing: value.bytes) == value)
  }

  @Test(arguments: [
    ("", 0), ("[1,]", 3), ("[1 2]", 3), ("{\"a\" 1}", 5), ("{a:1}", 1), ("{\"a\":1,}", 7), ("01", 1), ("1.", 2),
    ("-", 1),
    ("1e", 2), ("+1", 0), (".5", 0), ("\"a", 2), ("\"\\x\"", 3), ("\"\\u12g4\"", 3), ("\"\\ud800\"", 7),
    ("\"\\udc00\"", 7), ("\"\\ud800\\u0041\"", 13), ("\"a\tb\"", 2), ("tru", 0), ("nulll", 4), ("[]]", 2),
    ("\u{FEFF}[]", 0), ("NaN", 0), ("// x\n1", 0), ("'a'", 0),
  ])
  func refusesWhatIsNoJSON(text: String, offset: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
    #expect(error?.offset == offset)
  }

  @Test func refusesInvalidUTF8() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    }
  }

  @Test func refusesNestingThatWouldExhaustTheStack() throws {
    #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    _ = try parse(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
  }

  @Test func readsNothingBeyondAnyPrefix() throws {
    let text = Array("{\"a\":[1.5e3,\"\\ud83d\\ude00\",{\"b\":null}],\"c\":true}".utf8)
    for length in 0..<text.count {
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.prefix(length))) }
    }
    _ = try JSONValue(parsing: text)
  }
}
