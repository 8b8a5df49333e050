import Testing

@testable import Framing

@Suite struct RequestHeadTests {
  static let sample = """
    POST /acme/online/echo/items;v=1?q=%41&x=/../ HTTP/1.1\r
    Host: api.example.com:8000\r
    jdcloud-apim-subscription-key:lk_abc\t \r
    Content-Length: 12\r
    Accept:\r
    X-Text: caf\u{e9}, "a\tb"\r
    Connection: keep-alive, X-Hop\r
    x-hop: 1\r
    Expect: 100-Continue\r
    \r
    hello
    """

  @Test func findsEveryPart() throws {
    let bytes = Array(Self.sample.utf8)
    let head = try #require(try requestHead(bytes))
    #expect(string(head.method, in: bytes) == "POST")
    #expect(string(head.target, in: bytes) == "/acme/online/echo/items;v=1?q=%41&x=/../")
    #expect(string(head.path, in: bytes) == "/acme/online/echo/items;v=1")
    #expect(string(try #require(head.query), in: bytes) == "q=%41&x=/../")
    #expect(string(try #require(head.host), in: bytes) == "api.example.com:8000")
    #expect(head.version == .http11)
    #expect(head.body == .length(12))
    #expect(head.expectsContinue)
    #expect(head.keepsConnection)
    #expect(head.byteCount == bytes.count - "hello".count)
    #expect(
      head.fields.map { string($0.value, in: bytes) } == [
        "api.example.com:8000", "lk_abc", "12", "", "caf\u{e9}, \"a\tb\"", "keep-alive, X-Hop", "1", "100-Continue",
      ])
    #expect(
      head.fields.map(\.kind) == [
        .host, .subscriptionKey, .contentLength, .other, .other, .connection, .other, .expect,
      ])
    #expect(head.fields.filter { head.isNamedByConnection($0, in: bytes.span) } == [head.fields[6]])
  }

  @Test func readsTheSameWhereverTheBytesAreSplit() throws {
    let bytes = Array(Self.sample.utf8)
    let whole = try #require(try requestHead(bytes))
    for split in 1..<whole.byteCount {
      var parser = RequestHeadParser()
      var head = RequestHead()
      #expect(try !parser.parse(bytes.span.extracting(0..<split), into: &head))
      #expect(try parse(&parser, bytes[...], into: &head))
      #expect(head == whole, "split at \(split)")
    }
    #expect(try requestHeadByteByByte(bytes) == whole)
  }

  @Test func isUsedAgainForTheNextRequest() throws {
    let first = Array("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".utf8)
    let second = Array("HEAD /b HTTP/1.0\r\n\r\n".utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    #expect(try parse(&parser, first[...], into: &head))
    #expect(head.body == .chunked && !head.keepsConnection)
    #expect(try parse(&parser, second[...], into: &head))
    #expect(head.body == .none && head.isHEAD && head.host == nil && head.query == nil && head.fields.isEmpty)
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: , CLOSE\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nHost: a\r\nProxy-Connection: close\r\n\r\n", false),
    ("GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n", false),
    ("GET / HTTP/1.0\r\n\r\n", false),
    ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
  ])
  func knowsWhetherTheConnectionIsKept(text: String, kept: Bool) throws {
    #expect(try #require(try requestHead(text)).keepsConnection == kept)
  }

  @Test(arguments: [
    ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", true),
    ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", false),
    ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", false),
    ("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", false),
  ])
  func heedsAnExpectationOnlyWithABodyToCome(text: String, expects: Bool) throws {
    #expect(try #require(try requestHead(text)).expectsContinue == expects)
  }

  @Test(arguments: ["a", "a.example:1", "127.0.0.1:65535", "[::1]", "[2001:db8::1]:80", "x_y.example"])
  func acceptsValidHosts(host: String) throws {
    let head = try #require(try requestHead("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n"))
    #expect(head.host?.count == host.utf8.count)
  }

  @Test(arguments: [
    ("a.example:80", "a.example"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("80", "80"), ("a:", "a:"),
  ])
  func tellsTheHostFromThePort(host: String, name: String) {
    let bytes = Array(host.utf8)
    let range = HostField.name(bytes.span, ByteRange(0, bytes.count))
    #expect(string(range, in: bytes) == name)
  }

  @Test func stopsAtTheHeadsLimits() {
    let limits = Limits(headBytes: 100, fields: 2)
    let start = "GET / HTTP/1.1\r\nHost: a\r\n"
    #expect(refusal(of: start + "A: " + String(repeating: "x", count: 100), limits: limits) == .headTooLarge)
    #expect(
      refusal(of: start + "A: " + String(repeating: "x", count: 100) + "\r\n\r\n", limits: limits) == .headTooLarge)
    #expect(refusal(of: start + "A: b\r\nC: d\r\n\r\n", limits: limits) == .tooManyFields)
    #expect(refusal(of: start + "A: b\r\n\r\n", limits: limits) == nil)
    #expect(refusal(of: "G" + String(repeating: "E", count: 99), limits: limits) == .headTooLarge)
    let exact = start + "A: " + String(repeating: "x", count: 100 - start.utf8.count - 7) + "\r\n\r\n"
    #expect(exact.utf8.count == 100)
    #expect(refusal(of: exact, limits: limits) == nil)
    #expect(RequestHeadError.headTooLarge.status == 431 && RequestHeadError.tooManyFields.status == 431)
  }
}
