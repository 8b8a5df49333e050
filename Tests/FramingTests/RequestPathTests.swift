import Testing

@testable import Framing

@Suite struct RequestPathTests {
  @Test(arguments: [
    "/", "/a", "/a/", "/a/b", "/A/b", "/a;x", "/a;x=1/b", "/;x", "/...", "/.well-known/x", "/..a", "/a.", "/a..",
    "/a..b/c", "/%20", "/a%2Db", "/caf%C3%A9", "/%e2%82%ac", "/a%25", "/100%25", "/a%2520b", "/%7E~", "/%3Bx",
    "/!$&'()*+,;=:@-._~", "/x?/../", "/x?a=//b", "/%F0%9F%98%80", "/%e0%a4%85",
  ])
  func forwardsAsItCame(path: String) throws {
    let head = try #require(try requestHead("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(head.target.count == path.utf8.count)
  }

  @Test(arguments: [
    ("/..", RequestPath.Flaw.dotSegment), ("/.", .dotSegment), ("/../a", .dotSegment), ("/a/./b", .dotSegment),
    ("/a/..", .dotSegment), ("/a/../b", .dotSegment), ("/a/..?q", .dotSegment), ("/a/.?q", .dotSegment),
    ("/..;/a", .dotSegment), ("/a/..;x=1/b", .dotSegment), ("/.;/a", .dotSegment), ("/..%3b/a", .dotSegment),
    ("/.%20/a", .dotSegment), ("/.%2e/a", .dotSegment),
    ("//", .emptySegment), ("//a", .emptySegment), ("/a//b", .emptySegment), ("/a//", .emptySegment),
    ("/a\\b", .forbiddenByte), ("/\\..\\a", .forbiddenByte), ("/a\"b", .forbiddenByte), ("/a<b", .forbiddenByte),
    ("/a>b", .forbiddenByte), ("/a^b", .forbiddenByte), ("/a`b", .forbiddenByte), ("/a{b}", .forbiddenByte),
    ("/a|b", .forbiddenByte), ("/a[b]", .forbiddenByte), ("/a#b", .forbiddenByte), ("/é", .forbiddenByte),
    ("/a\tb", .forbiddenByte),
    ("/%", .malformedEncoding), ("/%2", .malformedEncoding), ("/%zz", .malformedEncoding),
    ("/%2?e", .malformedEncoding), ("/%%32e", .malformedEncoding), ("/%u002e", .malformedEncoding),
    ("/%2e%2e/a", .forbiddenEncoding), ("/%2E", .forbiddenEncoding), ("/a%2fb", .forbiddenEncoding),
    ("/a%2Fb", .forbiddenEncoding), ("/a%5cb", .forbiddenEncoding), ("/a%5Cb", .forbiddenEncoding),
    ("/a%00", .forbiddenEncoding), ("/a%0d%0aX:y", .forbiddenEncoding), ("/a%7f", .forbiddenEncoding),
    ("/%61dmin", .forbiddenEncoding), ("/%41", .forbiddenEncoding), ("/%30", .forbiddenEncoding),
    ("/%252e%252e/a", .forbiddenEncoding), ("/%252f", .forbiddenEncoding), ("/%255c", .forbiddenEncoding),
    ("/%2500", .forbiddenEncoding), ("/%25252e", .forbiddenEncoding), ("/%2561", .forbiddenEncoding),
    ("/%25%32%65", .forbiddenEncoding),
    ("/%c0%ae", .forbiddenEncoding), ("/%c0%af", .forbiddenEncoding), ("/%C1%9c", .forbiddenEncoding),
    ("/%e0%80%af", .forbiddenEncoding), ("/%f0%80%80%af", .forbiddenEncoding), ("/%ff", .forbiddenEncoding),
  ])
  func refuses(path: String, flaw: RequestPath.Flaw) {
    #expect(refusal(of: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") == .unsafePath(flaw))
  }

  /// Each byte as a path's own, against RFC 3986's `pchar`.
  @Test func judgesEveryByte() {
    let allowed = Set("-._~!$&'()*+,;=:@/?0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    for byte in UInt8.min...UInt8.max {
      let head = Array("GET /a".utf8) + [byte] + Array("b HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      #expect((refusal(of: head) == nil) == allowed.contains(byte), "byte \(byte)")
    }
  }

  /// Each byte percent-encoded: what a backend could decode to a separator, a dot or a plain character is refused.
  @Test func judgesEveryEncodedByte() {
    let digits = Array("0123456789abcdef".utf8)
    let refused = Set("./\\0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\u{7f}".utf8)
    for byte in UInt8.min...UInt8.max {
      let encoded: [UInt8] = [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      let head = Array("GET /a".utf8) + encoded + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let bad = byte < 0x20 || refused.contains(byte) || byte == 0xC0 || byte == 0xC1 || byte >= 0xF5
      #expect((refusal(of: head) != nil) == bad, "byte \(byte)")
    }
  }
}
