import Testing

@testable import Model

@Suite struct BackendHeaderTests {
  @Test(arguments: ["X-Api-Key", "Authorization", "x_secret", "Content-Type", "a"]) func takesName(_ text: String) {
    #expect(BackendHeaderName(text)?.description == text)
  }

  @Test(arguments: [
    "", "a b", "a:", "é", "Host", "content_length", "Content-Length", "Transfer-Encoding", "Connection", "TE",
    "Upgrade",
    "Expect", "Keep-Alive", "Trailer", "X-Latchkey-Tenant", "x_latchkey_anything", "X-Forwarded-For", "Forwarded",
    "X-Request-Id", "Via", "Cookie", "jdcloud-apim-subscription-key", "X-Original-URI", "X-HTTP-Method-Override",
    String(repeating: "a", count: 65),
  ])
  func refusesName(_ text: String) {
    #expect(BackendHeaderName(text) == nil)
  }

  @Test(arguments: ["", " a", "a ", "\ta", "a\r\nb: c", "a\u{0}", "é", "\u{7F}", String(repeating: "a", count: 4097)])
  func refusesValue(_ text: String) {
    #expect(BackendHeaderValue(text) == nil)
  }

  @Test func writesLinesAndDoesNotPrintItself() throws {
    let value = try #require(BackendHeaderValue("a canary\twith \"quotes\""))
    let header = BackendHeader(name: try #require(BackendHeaderName("X-Key")), value: value)
    #expect(
      String(decoding: [header, header].lines, as: UTF8.self)
        == "X-Key: a canary\twith \"quotes\"\r\nX-Key: a canary\twith \"quotes\"\r\n")
    var dumped = "\(header) \(String(reflecting: header)) \([value])"
    dump(header, to: &dumped)
    #expect(!dumped.contains("canary"))
  }
}
