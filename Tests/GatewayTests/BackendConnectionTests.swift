import Model
import TestWire
import Testing

@testable import Gateway

/// What a backend's connection does besides answering properly; after async-http-client's HTTP/1 tests.
@Suite(.timeLimit(.minutes(10))) struct BackendConnectionTests {
  /// Plays one request against a backend that a test plays.
  private func play(
    _ text: String = request(), configure: @escaping @Sendable (inout Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ client: Wire, _ upstream: Wire, _ backend: ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: configure) { gateway in
        let client = try await gateway.connect()
        try await client.send(text)
        try await body(client, try await backend.accept(), backend)
      }
    }
  }

  static let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

  @Test func passesEarlyHintsOnAndSwallowsContinue() async throws {
    try await play { client, upstream, _ in
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + Self.ok)
      let answer = try await client.read(through: "ok")
      #expect(answer == "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + Self.ok)
    }
  }

  @Test func doesNotBelieveAnUpgradeNobodyAskedFor() async throws {
    try await play(request("GET", "/acme/online/echo/x", "Upgrade: h2c\r\nConnection: Upgrade\r\n")) {
      client, upstream, _ in
      #expect(try await upstream.readHead().contains("h2c") == false)
      try await upstream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
      #expect(try await upstream.readToEnd() == "")
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
    "HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 40_000))\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
  ])
  func answersForABackendThatTalksNonsense(nonsense: String) async throws {
    try await play { client, upstream, _ in
      _ = try await upstream.readHead()
      try await upstream.send(nonsense)
      let answer = try await client.read(through: "}\n")
      #expect(answer.hasPrefix("HTTP/1.1 502 ") && answer.contains("\"bad_backend_answer\""))
      #expect(try await upstream.readToEnd() == "")
    }
  }

  @Test(arguments: ["", "HTTP/1.1 200 O"]) func answersForABackendThatClosesEarly(sent: String) async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      if !sent.isEmpty { try await upstream.send(sent) }
      try await upstream.close()
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
      #expect(backend.connections == 1)
    }
  }

  @Test(arguments: [
    ("Content-Length: 10\r\n\r\nhello", ""), ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ""),
    ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "xx\r\n"),
    ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "0\r\nA: b\r\n"),
  ])
  func cutsTheClientWhenTheAnswerIsCut(answer: String, rest: String) async throws {
    try await play { client, upstream, _ in
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 200 OK\r\n" + answer)
      _ = try await client.read(through: "hello")
      try await upstream.send(rest)
      try await upstream.close()
      #expect(await client.readToAnyEnd().ending == .reset)
    }
  }

  /// A body that lasts until the connection's end is whole when the backend ended it, and not when it broke.
  @Test(arguments: ["1.1", "1.0"]) func tellsAnEndFromABrokenConnection(version: String) async throws {
    let key = "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"
    for isBroken in [false, true] {
      try await play("GET /acme/online/echo/x HTTP/\(version)\r\nHost: a\r\n\(key)\r\n") { client, upstream, _ in
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\n\r\nhello")
        _ = try await client.read(through: "hello")
        try await isBroken ? upstream.reset() : upstream.finish()
        if !isBroken, version == "1.1" { _ = try await client.read(through: "0\r\n\r\n") }
        if version == "1.0" || isBroken {
          let (rest, ending) = await client.readToAnyEnd()
          #expect(!rest.contains("0\r\n\r\n") && ending == (isBroken ? .reset : .closed))
        }
      }
    }
  }

  @Test func cutsAnHTTP10ClientToo() async throws {
    let key = "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"
    try await play("GET /acme/online/echo/x HTTP/1.0\r\n\(key)\r\n") { client, upstream, _ in
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      _ = try await client.read(through: "hello")
      try await upstream.close()
      #expect(await client.readToAnyEnd().ending == .reset)
    }
  }

  @Test func triesAgainWhenAKeptConnectionIsDead() async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      try await upstream.send(Self.ok)
      _ = try await client.read(through: "ok")
      try await client.send(request("GET", "/acme/online/echo/again"))
      // The head has arrived on the kept connection, which then dies.
      _ = try await upstream.readHead()
      try await upstream.reset()
      let second = try await backend.accept()
      #expect(try await second.readHead().hasPrefix("GET /again "))
      try await second.send(Self.ok)
      #expect(try await client.read(through: "ok") == Self.ok)
    }
  }

  @Test func doesNotRepeatAPost() async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      try await upstream.send(Self.ok)
      _ = try await client.read(through: "ok")
      try await client.send(request("POST", "/acme/online/echo/again"))
      _ = try await upstream.readHead()
      try await upstream.reset()
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 502 "))
      #expect(backend.connections == 1)
    }
  }

  @Test func opensANewConnectionAfterTheBackendClosedOne() async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      try await upstream.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
      #expect(try await client.read(through: "ok") == Self.ok)
      #expect(try await upstream.readToEnd() == "")
      try await client.send(request())
      _ = try await backend.accept().readHead()
      #expect(backend.connections == 2)
    }
  }

  @Test func throwsAwayAConnectionThatSaysMoreThanItsAnswer() async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      try await upstream.send(Self.ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
      #expect(try await client.read(through: "ok") == Self.ok)
      try await client.send(request())
      let second = try await backend.accept()
      _ = try await second.readHead()
      try await second.send(Self.ok)
      #expect(try await client.read(through: "ok") == Self.ok)
    }
  }

  @Test func throwsAwayAnIdleConnectionThatSpeaks() async throws {
    try await play { client, upstream, backend in
      _ = try await upstream.readHead()
      try await upstream.send(Self.ok)
      _ = try await client.read(through: "ok")
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
      #expect(await upstream.readToAnyEnd().text == "")
      try await client.send(request())
      let second = try await backend.accept()
      _ = try await second.readHead()
      try await second.send(Self.ok)
      #expect(try await client.read(through: "ok") == Self.ok)
    }
  }

  @Test func closesBothAfterAnAnswerBeforeTheBodysEnd() async throws {
    let text = request("POST", "/acme/online/echo/x", "Content-Length: 100\r\n", body: "begun")
    try await play(text) { client, upstream, _ in
      _ = try await upstream.read(through: "begun")
      try await upstream.send("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno")
      let answer = try await client.read(through: "\r\n\r\nno")
      #expect(answer.contains("\r\nConnection: close\r\n"))
      #expect(try await client.readToEnd() == "")
      #expect(await upstream.readToAnyEnd().text == "")
    }
  }

  @Test func forwardsAnExpectationEndToEnd() async throws {
    let text = request("PUT", "/acme/online/echo/x", "Expect: 100-continue\r\nContent-Length: 4\r\n")
    try await play(text) { client, upstream, _ in
      #expect(try await upstream.readHead().contains("\r\nExpect: 100-continue\r\n"))
      try await upstream.send("HTTP/1.1 100 Continue\r\n\r\n")
      #expect(try await client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("body")
      #expect(try await upstream.read(count: 4) == "body")
      try await upstream.send(Self.ok)
      #expect(try await client.read(through: "ok") == Self.ok)
    }
  }

  @Test func tellsAClientToGoOnWhereTheBackendDoesNot() async throws {
    let text = request("PUT", "/acme/online/echo/x", "Expect: 100-continue\r\nContent-Length: 4\r\n")
    try await play(text) { client, upstream, _ in
      _ = try await upstream.readHead()
      #expect(try await client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
      // The backend's own comes too late to be of use.
      try await upstream.send("HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("body")
      #expect(try await upstream.read(count: 4) == "body")
      try await upstream.send(Self.ok)
      #expect(try await client.read(through: "ok") == Self.ok)
    }
  }

  @Test func asksForNoBodyThatTheBackendDoesNotWant() async throws {
    let text = request("PUT", "/acme/online/echo/x", "Expect: 100-continue\r\nContent-Length: 4\r\n")
    try await play(text) { client, upstream, _ in
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
      #expect(try await client.readHead() == "HTTP/1.1 417 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
      #expect(try await client.readToEnd() == "")
    }
  }

  @Test func answersAClientThatHasFinishedSending() async throws {
    try await play { client, upstream, _ in
      _ = try await upstream.readHead()
      try await client.finish()
      try await upstream.send(Self.ok)
      #expect(try await client.readToEnd() == Self.ok)
    }
  }

  @Test func closesTheBackendWhenTheClientGoes() async throws {
    try await play { client, upstream, _ in
      _ = try await upstream.readHead()
      try await client.reset()
      #expect(await upstream.readToAnyEnd().text == "")
    }
  }

  @Test func closesTheBackendWhenTheClientStopsWithinABody() async throws {
    let text = request("POST", "/acme/online/echo/x", "Content-Length: 100\r\n", body: "begun")
    try await play(text) { client, upstream, _ in
      _ = try await upstream.read(through: "begun")
      try await client.finish()
      #expect(await upstream.readToAnyEnd().text == "")
    }
  }

  @Test(arguments: ["5\r\nhelloX", "zz\r\n", "5;ext\r\nhello"]) func refusesABrokenBody(chunk: String) async throws {
    let text = request("POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\n", body: "1\r\na\r\n")
    try await play(text) { client, upstream, _ in
      _ = try await upstream.read(through: "a\r\n")
      try await client.send(chunk)
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 400 "))
      #expect(try await client.readToEnd() == "")
      #expect(await upstream.readToAnyEnd().text.hasSuffix("0\r\n\r\n") == false)
    }
  }

  @Test func refusesAChunkedBodyThatGrowsTooLarge() async throws {
    let text = request("POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\n", body: "8\r\n01234567\r\n")
    try await play(text, configure: { $0.maximumBodyBytes = 10 }) { client, upstream, _ in
      _ = try await upstream.read(through: "01234567")
      try await client.send("8\r\n01234567\r\n")
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 413 "))
      #expect(await upstream.readToAnyEnd().text.contains("0\r\n\r\n") == false)
    }
  }

  @Test func forwardsTrailersBothWays() async throws {
    let trailers =
      "A: 1\r\njdcloud-apim-subscription-key: k\r\nX-Latchkey-Tenant: t\r\nX-Note: \(World.secret.revealed)\r\n"
      + "X-Encoded: \(World.secret.revealed.replacing("_", with: "%5F"))\r\n"
    let text = request(
      "POST", "/acme/online/echo/x", "Transfer-Encoding: chunked\r\nTrailer: A\r\n",
      body: "1\r\na\r\n0\r\n\(trailers)\r\n")
    try await play(text) { client, upstream, _ in
      let forwarded = try await upstream.read(through: "0\r\nA: 1\r\n\r\n")
      #expect(forwarded.contains("\r\nTrailer: A\r\n"))
      try await upstream.send(
        "HTTP/1.1 200 OK\r\nTrailer: B\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\nB: 2\r\nSet-Cookie: c=d\r\n\r\n"
      )
      #expect(try await client.read(through: "0\r\nB: 2\r\n\r\n").contains("\r\nTrailer: B\r\n"))
    }
  }
}
