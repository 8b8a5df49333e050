import Testing

@testable import Framing

@Suite struct ResponseHeadTests {
  static let sample =
    "HTTP/1.1 200 Very OK\r\nServer: x\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nset_cookie: c\r\n\r\nhello"

  @Test func findsEveryPart() throws {
    let head = try #require(try responseHead(Self.sample))
    let bytes = Array(Self.sample.utf8)
    #expect(head.status == 200)
    #expect(string(head.statusText, in: bytes) == "200 Very OK")
    #expect(head.fields.map(\.kind) == [.server, .contentLength, .setCookie, .other])
    #expect(head.body(toHEAD: false) == .length(5))
    #expect(head.keepsConnection && !head.isInformational)
    #expect(head.byteCount == bytes.count - 5)
  }

  @Test func readsTheSameWhereverTheBytesAreSplit() throws {
    let bytes = Array(Self.sample.utf8)
    let whole = try #require(try responseHead(Self.sample))
    for split in 1..<whole.byteCount {
      var parser = ResponseHeadParser()
      var head = ResponseHead()
      #expect(try !parse(&parser, bytes[..<split], into: &head))
      #expect(try parse(&parser, bytes[...], into: &head))
      #expect(head.fields == whole.fields && head.byteCount == whole.byteCount, "split at \(split)")
    }
  }

  @Test(arguments: [
    ("HTTP/1.1 200\r\n\r\n", ResponseBody.untilClose), ("HTTP/1.1 200 \r\n\r\n", .untilClose),
    ("HTTP/1.0 200 OK\r\n\r\n", .untilClose), ("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n", .none),
    ("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", .none), ("HTTP/1.1 103 x\r\nLink: a\r\n\r\n", .none),
    ("HTTP/1.1 200 x\r\nTransfer-Encoding: Chunked\r\n\r\n", .chunked),
    ("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", .length(0)),
    ("HTTP/1.1 200 x\r\nContent-Length:\t 7  \r\n\r\n", .length(7)),
  ])
  func knowsHowTheBodyEnds(text: String, body: ResponseBody) throws {
    let head = try #require(try responseHead(text))
    #expect(head.body(toHEAD: false) == body)
    #expect(head.body(toHEAD: true) == .none)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\n\n", ResponseHeadError.invalidLineEnding), ("HTTP/1.1 200 O\rK\r\n\r\n", .invalidLineEnding),
    ("HTTP/1.1 20 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 2000\r\n\r\n", .malformedStatusLine),
    ("HTTP/1.1 099 x\r\n\r\n", .malformedStatusLine), ("HTTP/1.1  200 x\r\n\r\n", .malformedStatusLine),
    ("HTTP/1.1 200-OK\r\n\r\n", .malformedStatusLine), ("ICY 200 OK\r\n\r\n", .malformedStatusLine),
    ("\r\n", .malformedStatusLine), ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
    ("HTTP/1.1 200 \u{0}\r\n\r\n", .controlCharacter), ("HTTP/1.1 200 x\r\nA: b\r\n c\r\n\r\n", .foldedField),
    ("HTTP/1.1 200 x\r\nA : b\r\n\r\n", .invalidFieldName), ("HTTP/1.1 200 x\r\nA\r\n\r\n", .invalidFieldName),
    ("HTTP/1.1 200 x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", .conflictingFraming),
    ("HTTP/1.1 200 x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .conflictingFraming),
    ("HTTP/1.1 200 x\r\nContent-Length: 5, 5\r\n\r\n", .invalidContentLength),
    ("HTTP/1.1 200 x\r\nContent-Length: 5 \t\r\n\r\n", .invalidContentLength),
    ("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\t\r\n\r\n", .unsupportedTransferEncoding),
    ("HTTP/1.1 103 x\r\nConnection: close\r\n\r\n", .closingInformational),
    ("HTTP/1.0 100 x\r\n\r\n", .closingInformational),
    ("HTTP/1.1 200 x\r\nConnection: close\t\r\n\r\n", .invalidConnection),
    ("HTTP/1.1 200 x\r\nContent-Length: +5\r\n\r\n", .invalidContentLength),
    ("HTTP/1.1 200 x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .conflictingFraming),
    ("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", .conflictingFraming),
    ("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .conflictingFraming),
    ("HTTP/1.0 200 x\r\nTransfer-Encoding: chunked\r\n\r\n", .conflictingFraming),
    ("HTTP/1.1 200 x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferEncoding),
    ("HTTP/1.1 200 x\r\nConnection: a b\r\n\r\n", .invalidConnection),
  ])
  func refuses(text: String, error: ResponseHeadError) {
    #expect(refusal(ofResponse: text) == error)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 x\r\n\r\n", true), ("HTTP/1.1 200 x\r\nConnection: close\r\n\r\n", false),
    ("HTTP/1.1 200 x\r\nProxy-Connection: close\r\n\r\n", false), ("HTTP/1.0 200 x\r\n\r\n", false),
    ("HTTP/1.0 200 x\r\nConnection: keep-alive\r\n\r\n", true),
  ])
  func knowsWhetherTheConnectionIsKept(text: String, kept: Bool) throws {
    #expect(try #require(try responseHead(text)).keepsConnection == kept)
  }

  @Test func stopsAtTheHeadsLimits() {
    let limits = Limits(headBytes: 64, fields: 1)
    let tooLarge = "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 64)
    #expect(refusal(ofResponse: tooLarge, limits: limits) == .headTooLarge)
    #expect(refusal(ofResponse: "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n", limits: limits) == .tooManyFields)
  }
}
