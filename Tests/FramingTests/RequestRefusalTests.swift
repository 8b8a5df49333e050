import Testing

@testable import Framing

/// A head that is refused, and why.
struct RefusedHead: Sendable, CustomTestStringConvertible {
  let text: String
  let error: RequestHeadError
  let status: Int

  init(_ text: String, _ error: RequestHeadError, _ status: Int = 400) {
    (self.text, self.error, self.status) = (text, error, status)
  }

  var testDescription: String { text.debugDescription }
}

private func line(_ line: String, _ error: RequestHeadError, _ status: Int = 400) -> RefusedHead {
  RefusedHead(line + "\r\nHost: a\r\n\r\n", error, status)
}

private func fields(_ lines: String, _ error: RequestHeadError, _ status: Int = 400) -> RefusedHead {
  RefusedHead("POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n", error, status)
}

@Suite struct RequestRefusalTests {
  static let requestLines: [RefusedHead] = [
    line("GET  / HTTP/1.1", .unsupportedTarget), line(" GET / HTTP/1.1", .malformedRequestLine),
    line("GET / HTTP/1.1 ", .malformedRequestLine), line("GET /  HTTP/1.1", .invalidPathByte),
    line("GET\t/ HTTP/1.1", .malformedRequestLine), line("GET / x HTTP/1.1", .invalidPathByte),
    line("GET /", .malformedRequestLine), line("GET", .malformedRequestLine), line("", .malformedRequestLine),
    line("GET HTTP/1.1", .malformedRequestLine), line("G(T / HTTP/1.1", .malformedRequestLine),
    line("GÉT / HTTP/1.1", .malformedRequestLine), line("/ HTTP/1.1", .malformedRequestLine),
    line("GET / HTTP/1.2", .unsupportedVersion, 505), line("GET / HTTP/2.0", .unsupportedVersion, 505),
    line("PRI * HTTP/2.0", .unsupportedVersion, 505), line("GET / HTTP/0.9", .unsupportedVersion, 505),
    line("GET / http/1.1", .malformedRequestLine), line("GET / HTTP/1.10", .malformedRequestLine),
    line("GET / HTTP/11", .malformedRequestLine), line("GET / HTTP/1,1", .malformedRequestLine),
    line("CONNECT a:80 HTTP/1.1", .unsupportedMethod, 501), line("connect / HTTP/1.1", .unsupportedMethod, 501),
    line("TRACE / HTTP/1.1", .unsupportedMethod, 501), line("Trace / HTTP/1.1", .unsupportedMethod, 501),
    line("GET http://a/ HTTP/1.1", .unsupportedTarget), line("OPTIONS * HTTP/1.1", .unsupportedTarget),
    line("GET a/b HTTP/1.1", .unsupportedTarget), line("GET ?q HTTP/1.1", .unsupportedTarget),
    line("GET /?a#b HTTP/1.1", .invalidQuery), line("GET /?a\u{e9} HTTP/1.1", .invalidQuery),
    line("GET /?a\tb HTTP/1.1", .invalidQuery), line("GET /?a b HTTP/1.1", .invalidQuery),
  ]

  static let lineEndings: [RefusedHead] = [
    RefusedHead("GET / HTTP/1.1\nHost: a\n\n", .invalidLineEnding),
    RefusedHead("GET / HTTP/1.1\rHost: a\r\r", .invalidLineEnding),
    RefusedHead("GET / HTTP/1.1\r\nHost: a\n\r\n", .invalidLineEnding),
    RefusedHead("GET / HTTP/1.1\r\nHost: a\r\n\n", .invalidLineEnding),
    RefusedHead("GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", .invalidLineEnding),
    RefusedHead("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    fields("A: b\u{0}c", .controlCharacter), fields("A: \u{7f}", .controlCharacter),
    fields("A: \u{1b}[0m", .controlCharacter), fields("A\u{0}: b", .controlCharacter),
    fields("A: b\u{b}", .controlCharacter),
  ]

  static let fieldLines: [RefusedHead] = [
    fields("A : b", .invalidFieldName), fields("A\t: b", .invalidFieldName), fields("A", .invalidFieldName),
    fields(": b", .invalidFieldName), fields("A(: b", .invalidFieldName), fields("é: b", .invalidFieldName),
    fields("A: b\r\n c", .foldedField), fields("A: b\r\n\tc", .foldedField), fields(" A: b", .foldedField),
    fields("X-Latchkey.Tenant: t", .aliasedFieldName), fields("X!Forwarded~For: t", .aliasedFieldName),
    fields("X_Latchkey_Tenant: t", .aliasedFieldName), fields("x-latchkey_anything: t", .aliasedFieldName),
    fields("jdcloud_apim_subscription_key: k", .aliasedFieldName), fields("Content_Length: 5", .aliasedFieldName),
    fields("Transfer_Encoding: chunked", .aliasedFieldName), fields("X_Forwarded_For: 1", .aliasedFieldName),
    fields("x_original_uri: /", .aliasedFieldName), fields("X-Request_ID: r", .aliasedFieldName),
    fields("Connection: a b", .invalidConnection), fields("Connection: \"close\"", .invalidConnection),
    fields("Expect: 200-ok", .unsupportedExpectation, 417), fields("Expect:", .unsupportedExpectation, 417),
    fields("Expect: 100-continue, x", .unsupportedExpectation, 417),
  ]

  static let hosts: [RefusedHead] = [
    RefusedHead("GET / HTTP/1.1\r\n\r\n", .missingHost),
    RefusedHead("GET / HTTP/1.1\r\nHost:\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: a:+1\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .invalidHost),
    RefusedHead("GET / HTTP/1.1\r\nHost: é\r\n\r\n", .invalidHost),
    fields("Host: a", .repeatedHost), fields("host: b", .repeatedHost),
    RefusedHead("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
  ]

  /// Heads that two servers could find different ends of the body in.
  static let smuggling: [RefusedHead] = [
    fields("Content-Length: 5\r\nTransfer-Encoding: chunked", .conflictingFraming),
    fields("Transfer-Encoding: chunked\r\nContent-Length: 5", .conflictingFraming),
    fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
    fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .repeatedTransferEncoding),
    fields("Transfer-Encoding: identity", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: gzip, chunked", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: chunked, chunked", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: xchunked", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: chunked;q=1", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: \"chunked\"", .unsupportedTransferEncoding),
    fields("Transfer-Encoding: chunked,", .unsupportedTransferEncoding),
    fields("Transfer-Encoding:", .unsupportedTransferEncoding),
    fields("Transfer-Encoding : chunked", .invalidFieldName),
    fields("Transfer-Encoding\u{b}: chunked", .controlCharacter),
    fields("Transfer-Encoding:\u{b}chunked", .controlCharacter),
    fields("Transfer-Encoding: chunked\nX: y", .invalidLineEnding),
    fields("X: y\r\n Transfer-Encoding: chunked", .foldedField),
    RefusedHead("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .conflictingFraming),
    fields("Content-Length: 5\r\nContent-Length: 5", .repeatedContentLength),
    fields("Content-Length: 5\r\nContent-Length: 6", .repeatedContentLength),
    fields("Content-Length: 0\r\ncontent-length: 0", .repeatedContentLength),
    fields("Content-Length: 5\t", .invalidContentLength), fields("Content-Length: 5 \t ", .invalidContentLength),
    fields("Transfer-Encoding: chunked\t", .unsupportedTransferEncoding),
    fields("Connection: close\t", .invalidConnection),
    fields("Connection: A,\tclose", .invalidConnection), fields("Proxy-Connection: a b", .invalidConnection),
    fields("Content-Length: 5, 5", .invalidContentLength),
    fields("Content-Length: +5", .invalidContentLength),
    fields("Content-Length: -5", .invalidContentLength), fields("Content-Length: 0x5", .invalidContentLength),
    fields("Content-Length: 5 5", .invalidContentLength), fields("Content-Length:", .invalidContentLength),
    fields("Content-Length: 5.0", .invalidContentLength), fields("Content-Length: ５", .invalidContentLength),
    fields("Content-Length: 9223372036854775808", .invalidContentLength),
    fields("Content-Length: 99999999999999999999", .invalidContentLength),
    fields("Content-Length: 18446744073709551621", .invalidContentLength),
    fields("Content-Length\u{20}: 5", .invalidFieldName),
  ]

  @Test(arguments: requestLines + lineEndings + fieldLines + hosts + smuggling)
  func refuses(head: RefusedHead) {
    #expect(refusal(of: head.text) == head.error)
    #expect(head.error.status == head.status)
  }

  @Test(arguments: requestLines + lineEndings + fieldLines + hosts + smuggling)
  func refusesTheSameByteByByte(head: RefusedHead) {
    #expect(refusalByteByByte(of: head.text) == head.error)
  }

  /// Each byte in a field's name, where only tokens may stand, and in its value, where only controls may not.
  @Test func judgesEveryByteOfAFieldLine() {
    let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    let start = Array("GET / HTTP/1.1\r\nHost: a\r\nQ".utf8)
    for byte in UInt8.min...UInt8.max where byte != 0x3A {
      let named = start + [byte, 0x71] + Array(": v\r\n\r\n".utf8)
      #expect((refusal(of: named) == nil) == tokens.contains(byte), "name byte \(byte)")
      let valued = start + Array(": v".utf8) + [byte, 0x71] + Array("\r\n\r\n".utf8)
      let allowed = byte == 9 || (byte >= 0x20 && byte != 0x7F)
      #expect((refusal(of: valued) == nil) == allowed, "value byte \(byte)")
    }
  }
}

extension RequestHeadError {
  fileprivate static let invalidPathByte = RequestHeadError.unsafePath(.forbiddenByte)
}
