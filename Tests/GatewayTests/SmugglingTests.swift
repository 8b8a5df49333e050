import TestWire
import Testing

@testable import Gateway

/// Each text is one request to some server and two to another. The backend must see as many as were authorized.
@Suite(.timeLimit(.minutes(10))) struct SmugglingTests {
  static let smuggled = "GET /acme/online/echo/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

  static let refused: [(String, String)] = [
    ("CL.TE", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
    ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
    ("TE.TE", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
    ("TE list", "Transfer-Encoding: x, chunked\r\n"), ("TE blank", "Transfer-Encoding : chunked\r\n"),
    ("TE folded", "Transfer-Encoding:\r\n chunked\r\n"), ("TE tab", "Transfer-Encoding:\u{b}chunked\r\n"),
    ("TE alias", "Transfer_Encoding: chunked\r\n"), ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n"),
    ("signed length", "Content-Length: +5\r\n"), ("length list", "Content-Length: 5, 5\r\n"),
    ("bare line feed", "A: b\nContent-Length: 5\r\n"), ("NUL", "A: b\u{0}\r\n"),
  ]

  @Test(arguments: refused) func refusesWhatCanBeReadTwofold(name: String, fields: String) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("POST", "/acme/online/echo/x", fields, body: "0\r\n\r\n" + Self.smuggled))
        let answer = try await client.readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        #expect(backend.connections == 0)
      }
    }
  }

  @Test(arguments: [
    ("Content-Length: 54\r\n", smuggled + "ab"),
    ("Transfer-Encoding: chunked\r\n", "34\r\n" + smuggled + "\r\n0\r\n\r\n"),
  ])
  func forwardsARequestWithinABodyAsABody(fields: String, body: String) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("POST", "/acme/online/echo/x", fields, body: body))
        let upstream = try await backend.accept()
        #expect(try await upstream.readHead().hasPrefix("POST /x "))
        #expect(try await upstream.read(count: body.utf8.count) == body)
        try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try await client.readHead() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        try await client.finish()
        #expect(try await client.readToEnd() == "")
        #expect(backend.connections == 1)
      }
    }
  }
}
