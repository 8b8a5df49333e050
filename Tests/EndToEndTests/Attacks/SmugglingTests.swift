import Foundation
import TestWire
import Testing

extension AttackTests {
  /// Row 6: bytes that are one request to some server and two to another.
  @Suite struct SmugglingTests {
    /// Fields and a body; `NEXT` is a request that nobody authorized.
    static let cases: [(name: String, fields: String, body: String)] = [
      ("CL.TE", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nNEXT"),
      ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nNEXT\r\n0\r\n\r\n"),
      ("TE.TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\nNEXT"),
      ("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nNEXT"),
      ("a list", "Transfer-Encoding: x, chunked\r\n", "0\r\n\r\nNEXT"),
      ("a list's end", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\nNEXT"),
      ("a blank", "Transfer-Encoding : chunked\r\n", "0\r\n\r\nNEXT"),
      ("a fold", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\nNEXT"),
      ("a folded length", "Content-Length:\r\n 5\r\n", "0\r\n\r\nNEXT"),
      ("a vertical tab", "Transfer-Encoding: \u{b}chunked\r\n", "0\r\n\r\nNEXT"),
      ("an underscore", "Transfer_Encoding: chunked\r\n", "0\r\n\r\nNEXT"),
      ("a parameter", "Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\nNEXT"),
      ("quotes", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\nNEXT"),
      ("two lengths", "Content-Length: 0\r\nContent-Length: 91\r\n", "NEXT"),
      ("two equal lengths", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
      ("a length list", "Content-Length: 5, 5\r\n", "helloNEXT"),
      ("a signed length", "Content-Length: +5\r\n", "helloNEXT"),
      ("a negative length", "Content-Length: -1\r\n", "NEXT"),
      ("a hexadecimal length", "Content-Length: 0x5\r\n", "helloNEXT"),
      ("a length beyond a word", "Content-Length: 18446744073709551621\r\n", "helloNEXT"),
      ("an empty length", "Content-Length:\r\n", "NEXT"),
      ("a bare line feed", "A: b\nContent-Length: 5\r\n", "helloNEXT"),
      ("a bare return", "A: b\rContent-Length: 5\r\n", "helloNEXT"),
      ("a head's end in line feeds", "A: b\n\nNEXT", ""),
      ("a chunk's extension", "Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n0\r\n\r\nNEXT"),
      ("a quoted extension", "Transfer-Encoding: chunked\r\n", "5;a=\"\r\nhello\r\n0\r\n\r\nNEXT"),
      ("an extension in a line feed", "Transfer-Encoding: chunked\r\n", "2;\nxx\r\n5c\r\n0\r\n\r\nNEXT"),
      ("a size in a line feed", "Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\nNEXT"),
      ("a signed size", "Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\nNEXT"),
      ("a prefixed size", "Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\nNEXT"),
      ("a size beyond a word", "Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\nNEXT"),
      ("a size with a blank", "Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\nNEXT"),
      ("no size", "Transfer-Encoding: chunked\r\n", "\r\nNEXT"),
      ("a chunk without its end", "Transfer-Encoding: chunked\r\n", "5\r\nhello0\r\n\r\nNEXT"),
      ("a chunk longer than said", "Transfer-Encoding: chunked\r\n", "5\r\nhelloNEXT"),
      ("a length among the trailers", "Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\n\r\nNEXT"),
      ("a coding among the trailers", "Transfer-Encoding: chunked\r\n", "0\r\nTransfer-Encoding: x\r\n\r\nNEXT"),
      ("a folded trailer", "Transfer-Encoding: chunked\r\n", "0\r\nA: b\r\n c\r\n\r\nNEXT"),
      ("a coding in HTTP/1.0", "HTTP/1.0", "0\r\n\r\nNEXT"),
    ]

    @Test(arguments: cases) func sendsNoRequestThatNobodyAuthorized(name: String, fields: String, body: String)
      async throws
    {
      try await AttackTarget.current.withGroup { group in
        let next = "GET \(group.path)/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let text =
          if fields == "HTTP/1.0" {
            "POST \(group.path)/x HTTP/1.0\r\n\(group.keyLine)Transfer-Encoding: chunked\r\n\r\n"
          } else {
            group.request("POST", "/x", fields.replacing("NEXT", with: next))
          }
        let answers = try await group.answers(to: text + body.replacing("NEXT", with: next))
        // Refused, at its head or within its body; and nothing of it is a request of its own, to us or to the backend.
        #expect(answers.statuses.count == 1 && [400, 501].contains(answers.statuses.first), "\(answers)")
        #expect(group.backend.requests.allSatisfy { $0 == "POST /base/x" } && group.backend.requests.count <= 1)
        #expect(!group.backend.text.contains("smuggled"))
      }
    }

    /// Whole bodies that look like requests, and real requests behind them: as many upstream as were authorized.
    @Test(arguments: [true, false]) func forwardsARequestWithinABodyAsABody(chunked: Bool) async throws {
      try await AttackTarget.current.withGroup { group in
        let inner = "GET /base/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let size = inner.utf8.count
        let fields = chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(size)\r\n"
        let body = chunked ? "\(String(size, radix: 16))\r\n\(inner)\r\n0\r\n\r\n" : inner
        let one = group.request("POST", "/x", fields, body: body)
        let answers = try await group.answers(to: one + one + group.request("GET", "/y"))
        #expect(answers.statuses == [200, 200, 200])
        #expect(group.backend.requests == ["POST /base/x", "POST /base/x", "GET /base/y"])
      }
    }

    /// An early refusal whose request's body was not read: the body is never taken for a request.
    @Test(arguments: [
      "Content-Length: 5\r\n", "Content-Length: 100000\r\n", "Transfer-Encoding: chunked\r\n",
      "Expect: 100-continue\r\nContent-Length: 50\r\n",
    ])
    func takesNoUnreadBodyForARequest(fields: String) async throws {
      try await AttackTarget.current.withGroup { group in
        let next = group.request("GET", "/smuggled")
        let answers = try await group.answers(to: group.request("POST", "/x", fields, keyed: false, body: next))
        #expect(answers.statuses.first == 401)
        #expect(!group.backend.text.contains("smuggled") && group.backend.requests.isEmpty)
      }
    }

    @Test func tellsHTTPFromOtherProtocols() async throws {
      try await AttackTarget.current.withGroup { group in
        for bytes in [
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}\0\u{5}hello", "\r\n\r\n", "GET\r\n\r\n", "\0\0\0\0",
        ] {
          let answers = try await group.answers(to: bytes)
          #expect(answers.statuses.count == 1 && [400, 505].contains(answers.statuses.first))
        }
        #expect(group.backend.connections.isEmpty)
      }
    }
  }
}
