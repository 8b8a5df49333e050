import Model
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct HeaderTests {
  /// What the backend gets of a request, and the client of an answer, as field lines.
  private func exchange(
    _ request: String, answer: String = "Content-Length: 0\r\n",
    world: @escaping @Sendable (Int) -> World = { World(port: $0) },
    configure: @escaping @Sendable (inout Configuration) -> Void = { _ in }
  ) async throws -> (upstream: [String], client: [String]) {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(world(backend.port), configure: configure) { gateway in
        let client = try await gateway.connect()
        try await client.send(request)
        let upstream = try await backend.accept()
        let head = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 200 OK\r\n\(answer)\r\n")
        return (lines(head), lines(try await client.readHead()))
      }
    }
  }

  private func values(_ name: String, _ lines: [String]) -> [String] {
    lines.compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts[0].lowercased() == name.lowercased() else { return nil }
      return parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
  }

  @Test func addsWhatTheBackendShouldKnow() async throws {
    let (upstream, _) = try await exchange(request())
    #expect(values("X-Latchkey-Subscription-Id", upstream) == ["\(World.key)"])
    #expect(values("X-Latchkey-Tenant", upstream) == ["globex"])
    #expect(values("X-Latchkey-Environment", upstream) == ["online"])
    #expect(values("X-Request-Id", upstream).map(\.count) == [32])
    #expect(values("X-Forwarded-For", upstream) == ["127.0.0.1"])
    #expect(values("X-Forwarded-Proto", upstream) == ["http"])
    #expect(values("X-Forwarded-Host", upstream) == ["api.example"])
    #expect(values("Via", upstream) == ["1.1 latchkey"])
    #expect(!upstream.joined().contains(World.secret.revealed))
  }

  static let forged = [
    "X-Latchkey-Subscription-Id", "X-Latchkey-Tenant", "X-Latchkey-Environment", "X-Latchkey-Anything",
    "X-Request-Id", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded",
    "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Original-URI", "X-Forwarded-Uri",
    "x-latchkey-TENANT", "Proxy-Authorization", "Cookie", "Upgrade", "HTTP2-Settings", "TE", "Keep-Alive",
  ]

  @Test(arguments: forged, ["echo", "open", "observed"])
  func dropsWhatAClientForges(name: String, group: String) async throws {
    let keyed = group != "open"
    let (upstream, _) = try await exchange(
      request("GET", "/acme/online/\(group)/x", "\(name): forged\r\nOther: stays\r\n", keyed: keyed))
    #expect(!upstream.joined().contains("forged"))
    #expect(values("Other", upstream) == ["stays"])
  }

  @Test(arguments: forged.prefix(8)) func keepsOursThatConnectionNames(name: String) async throws {
    let (upstream, _) = try await exchange(
      request("GET", "/acme/online/echo/x", "Connection: \(name), close, X-Mine\r\nX-Mine: 1\r\n"))
    #expect(values("X-Mine", upstream) == [] && values("Connection", upstream) == [])
    #expect(values("X-Latchkey-Tenant", upstream) == ["globex"])
    #expect(values("X-Latchkey-Environment", upstream) == ["online"])
    #expect(values("X-Forwarded-For", upstream) == ["127.0.0.1"])
    #expect(values("X-Request-Id", upstream).count == 1)
  }

  @Test func keepsTheLengthThatConnectionNames() async throws {
    let (upstream, _) = try await exchange(
      request("POST", "/acme/online/echo/x", "Connection: Content-Length, Host\r\nContent-Length: 2\r\n", body: "ab"))
    #expect(values("Content-Length", upstream) == ["2"] && values("Host", upstream).count == 1)
  }

  @Test func tellsNoIdentityOnAnOpenGroupThatTheKeyIsNotAuthorizedFor() async throws {
    let (upstream, _) = try await exchange(request("GET", "/acme/online/open/x"))
    #expect(values("X-Latchkey-Subscription-Id", upstream) == [] && values("X-Latchkey-Tenant", upstream) == [])
    #expect(values("X-Latchkey-Environment", upstream) == ["online"])
    #expect(!upstream.joined().contains(World.secret.revealed))
  }

  @Test(arguments: ["X-Api-Key", "x-api-key", "X_Api_Key", "x_API-key"])
  func stripsAGroupsOwnKeyHeaderInEverySpelling(name: String) async throws {
    let world: @Sendable (Int) -> World = { port in
      var world = World(port: port)
      world.keyHeaders = ["X-Api-Key"]
      return world
    }
    let (upstream, _) = try await exchange(
      request("GET", "/acme/online/open/x", "\(name): some-provider-key\r\n", keyed: false), world: world)
    #expect(!upstream.joined().contains("some-provider-key"))
  }

  @Test func stripsBearerKeysAndLeavesOtherSchemes() async throws {
    let world: @Sendable (Int) -> World = { port in
      var world = World(port: port)
      world.keyHeaders = ["Authorization"]
      return world
    }
    let bearer = try await exchange(
      request("GET", "/acme/online/echo/x", "Authorization: Bearer \(World.secret.revealed)\r\n", keyed: false),
      world: world)
    #expect(values("Authorization", bearer.upstream) == [])
    #expect(values("X-Latchkey-Tenant", bearer.upstream) == ["globex"])
    let basic = try await exchange(
      request("GET", "/acme/online/echo/x", "Authorization: Basic YTpi\r\n"), world: world)
    #expect(values("Authorization", basic.upstream) == ["Basic YTpi"])
  }

  @Test func believesATrustedProxy() async throws {
    let fields = """
      X-Forwarded-For: 192.0.2.7\r
      X-Forwarded-Proto: https\r
      X-Forwarded-Host: shop.example\r
      X-Request-Id: abc-1\r
      Forwarded: for=192.0.2.7\r
      X-Latchkey-Tenant: forged\r

      """
    let (upstream, _) = try await exchange(
      request("GET", "/acme/online/echo/x", fields),
      configure: {
        $0.trustedProxies = [AddressRange("127.0.0.0/8")!]
      })
    #expect(values("X-Forwarded-For", upstream) == ["192.0.2.7, 127.0.0.1"])
    #expect(values("X-Forwarded-Proto", upstream) == ["https"])
    #expect(values("X-Forwarded-Host", upstream) == ["shop.example"])
    #expect(values("X-Request-Id", upstream) == ["abc-1"])
    #expect(values("Forwarded", upstream) == ["for=192.0.2.7"])
    #expect(values("X-Latchkey-Tenant", upstream) == ["globex"])
  }

  @Test func dropsWhatWouldTouchOtherTenantsInABrowser() async throws {
    let answer = """
      Content-Length: 0\r
      Set-Cookie: a=b\r
      set-cookie: c=d\r
      Service-Worker-Allowed: /\r
      Clear-Site-Data: "*"\r
      Connection: X-Hop\r
      X-Hop: 1\r
      Keep-Alive: timeout=5\r
      X-Stays: yes\r

      """
    let (_, client) = try await exchange(request(), answer: answer)
    #expect(client == ["HTTP/1.1 200 OK", "Content-Length: 0", "X-Stays: yes"])
  }

  /// By path all tenants are one origin, where a document's scripts would share cookies and storage.
  @Test(arguments: [
    ("Content-Type: text/html; charset=utf-8", true), ("content-type:image/svg+xml", true), ("X-None: 1", true),
    ("Content-Type: application/atom+xml", true), ("Content-Type: text/plain, text/html", true),
    ("Content-Type: text/plain\r\nContent-Type: text/html", true), ("Content-Type: nonsense", true),
    ("Content-Type: application/json", false), ("CONTENT-TYPE: Application/JSON; charset=utf-8", false),
    ("Content-Type: text/plain", false), ("Content-Type: text/event-stream", false), ("Content-Type: image/png", false),
  ])
  func sandboxesDocumentsThatAreReachedByPath(type: String, isSandboxed: Bool) async throws {
    let answer = "Content-Length: 2\r\n\(type)\r\n\r\nok"
    let (_, byPath) = try await exchange(request(), answer: answer)
    #expect(values("Content-Security-Policy", byPath).contains { $0.hasPrefix("sandbox ") } == isSandboxed)
    #expect(!byPath.contains { $0.contains("allow-same-origin") })
    let (_, byHost) = try await exchange(
      "GET /online/echo/x HTTP/1.1\r\nHost: acme.gw.example\r\n"
        + "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n\r\n",
      answer: answer, configure: { $0.gatewayDomain = "gw.example" })
    #expect(values("Content-Security-Policy", byHost) == [])
  }

  @Test func leavesCookiesToATenantsOwnHost() async throws {
    let key = "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"
    let (upstream, client) = try await exchange(
      "GET /online/echo/x HTTP/1.1\r\nHost: acme.gw.example\r\n\(key)Cookie: a=b\r\n\r\n",
      answer: "Content-Length: 0\r\nSet-Cookie: a=b; Path=/; Domain=gw.example; Secure\r\n",
      configure: { $0.gatewayDomain = "gw.example" })
    #expect(values("Cookie", upstream) == ["a=b"])
    #expect(values("Set-Cookie", client) == ["a=b; Path=/; Secure"])
  }

  @Test func believesNoAnswerWithTwoLengths() async throws {
    let (_, client) = try await exchange(request(), answer: "Content-Length: 0\r\nA: b\r\nContent-Length: 0\r\n")
    #expect(client.first == "HTTP/1.1 502 Bad Gateway")
  }

  @Test func copiesOtherFieldsByteForByte() async throws {
    let odd = "x-ODD-case:   two  spaces \u{e9} \t\r\nEmpty:\r\nX_Under: 1\r\n"
    let (upstream, _) = try await exchange(request("GET", "/acme/online/echo/x", odd))
    #expect(upstream.contains("x-ODD-case:   two  spaces \u{e9} \t") && upstream.contains("Empty:"))
    #expect(upstream.contains("X_Under: 1"))
  }
}

/// The lines of a head.
func lines(_ head: String) -> [String] {
  head.split(separator: "\r\n").map(String.init)
}
