import Model
import NIOCore
import Routing
import TestWire
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct CheckTests {
  private func ask(
    _ path: String, _ fields: String, keyed: Bool = true, method: String = "GET",
    configure: @escaping @Sendable (inout Configuration) -> Void = { _ in }
  ) async throws -> [String] {
    var world = World(port: 1)
    world.apis = [APIPattern(method: .get, path: APIPath("/ok")!, match: .exact)]
    return try await RunningGateway.with(world, configure: configure) { gateway in
      let client = try await gateway.connectInternally()
      try await client.send(request(method, path, fields, keyed: keyed))
      return lines(try await client.readHead())
    }
  }

  private static let nginx = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok?q=1\r\n"
  private static let forwarded =
    "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /acme/online/echo/ok?q=1\r\nX-Forwarded-Host: shop.example\r\n"

  @Test(arguments: [("/check/nginx", nginx), ("/check/forwarded", forwarded)], ["GET", "HEAD", "POST", "DELETE"])
  func admitsWithEveryIdentityHeaderAndNoBody(form: (path: String, fields: String), method: String) async throws {
    let answer = try await ask(form.path, form.fields, method: method)
    #expect(answer[0] == "HTTP/1.1 200 OK")
    #expect(answer.contains("Content-Length: 0"))
    #expect(answer.contains("X-Latchkey-Subscription-Id: \(World.key)"))
    #expect(answer.contains("X-Latchkey-Tenant: globex") && answer.contains("X-Latchkey-Environment: online"))
  }

  @Test func sendsEmptyIdentityHeadersToo() async throws {
    let answer = try await ask(
      "/check/nginx", "X-Original-Method: GET\r\nX-Original-URI: /acme/online/open/ok\r\n", keyed: false)
    #expect(answer[0] == "HTTP/1.1 200 OK")
    #expect(answer.contains("X-Latchkey-Subscription-Id: ") && answer.contains("X-Latchkey-Tenant: "))
  }

  @Test(arguments: [
    ("GET", "/acme/online/echo/ok", false, 401), ("GET", "/acme/online/none/ok", true, 404),
    ("POST", "/acme/online/echo/ok", true, 405), ("GET", "/acme/online/echo/else", true, 404),
    ("GET", "/acme/online/echo/../ok", true, 400), ("GET", "acme", true, 400),
    ("TRACE", "/acme/online/echo/ok", true, 501),
    ("G T", "/acme/online/echo/ok", true, 400), ("GET", "/acme/online/echo/ok#x", true, 400),
  ])
  func tellsBothKindsOfProxyWhatItRefuses(method: String, uri: String, keyed: Bool, status: Int) async throws {
    let forwarded = try await ask(
      "/check/forwarded", "X-Forwarded-Method: \(method)\r\nX-Forwarded-Uri: \(uri)\r\n", keyed: keyed)
    #expect(forwarded[0].hasPrefix("HTTP/1.1 \(status) "))
    let nginx = try await ask(
      "/check/nginx", "X-Original-Method: \(method)\r\nX-Original-URI: \(uri)\r\n", keyed: keyed)
    #expect(nginx[0].hasPrefix(status == 401 ? "HTTP/1.1 401 " : "HTTP/1.1 403 "))
    #expect(nginx.contains("X-Latchkey-Status: \(status)") == (status != 401))
    #expect(nginx.contains("Content-Length: 0"))
    #expect(nginx.contains { $0.hasPrefix("WWW-Authenticate:") } == (status == 401))
  }

  @Test(arguments: [("X_Original_URI: /x\r\n", 400), ("X-Long: \(String(repeating: "x", count: 70_000))\r\n", 431)])
  func tellsNginxOfAHeadThatCannotBeReadAsNginxTakesIt(field: String, status: Int) async throws {
    let answer = try await ask("/check/nginx", Self.nginx + field)
    #expect(answer[0].hasPrefix("HTTP/1.1 403 "))
    #expect(answer.contains("X-Latchkey-Status: \(status)") && answer.contains("Connection: close"))
    #expect(try await ask("/check/forwarded", Self.forwarded + field)[0].hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func readsOnlyTheHeadersOfItsForm() async throws {
    let forged = "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /acme/online/echo/ok\r\n"
    let nginx = try await ask("/check/nginx", "X-Original-Method: GET\r\nX-Original-URI: /none\r\n" + forged)
    #expect(nginx.contains("X-Latchkey-Status: 404"))
    let other = try await ask(
      "/check/forwarded", Self.nginx + "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /none\r\n")
    #expect(other[0].hasPrefix("HTTP/1.1 404 "))
  }

  @Test(arguments: [
    ("/check/nginx", nginx + "X-Original-URI: /acme/online/echo/ok\r\n"),
    ("/check/nginx", nginx + "X-Original-Method: GET\r\n"), ("/check/nginx", "X-Original-Method: GET\r\n"),
    ("/check/nginx", ""), ("/check/nginx", forwarded),
    ("/check/forwarded", forwarded + "X-Forwarded-Uri: /acme/online/echo/ok\r\n"),
    ("/check/forwarded", forwarded + "X-Forwarded-Host: b.example\r\n"), ("/check/forwarded", nginx),
    ("/check/nginx?group=x", nginx), ("/check/nginx?environment=online", nginx), ("/check/nginx?", nginx),
  ])
  func refusesMissingAndDoubledHeaders(path: String, fields: String) async throws {
    let answer = try await ask(path, fields)
    if path.hasPrefix("/check/nginx") {
      #expect(answer.contains("X-Latchkey-Status: 400"))
    } else {
      #expect(answer[0].hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test(arguments: [("/ok", "", 200), ("/shop/ok", "&strip=/shop", 200), ("/ok", "&strip=/shop", 404), ("/x", "", 404)])
  func bindsALocationToAGroup(uri: String, strip: String, status: Int) async throws {
    let answer = try await ask(
      "/check/forwarded?group=\(World.group)&environment=online\(strip)",
      "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: \(uri)\r\n")
    #expect(answer[0].hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test func isNotConfusedByTheLengthOfABodyThatDoesNotCome() async throws {
    let answer = try await ask("/check/forwarded", Self.forwarded + "Content-Length: 1000\r\n", method: "POST")
    #expect(answer[0] == "HTTP/1.1 200 OK" && answer.contains("Connection: close"))
  }

  @Test func keepsTheProxysConnection() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      let client = try await gateway.connectInternally()
      for _ in 0..<3 {
        try await client.send(request("GET", "/check/nginx", Self.nginx))
        #expect(try await client.readHead().hasPrefix("HTTP/1.1 200 "))
      }
    }
  }

  @Test func tellsItsHealth() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      let client = try await gateway.connectInternally()
      try await client.send(request("GET", "/healthz", keyed: false))
      #expect(try await client.read(through: "}\n").contains("{\"status\":\"live\"}"))
      try await client.send(request("GET", "/readyz", keyed: false))
      #expect(try await client.read(through: "}\n").contains("{\"status\":\"ready\",\"snapshotAgeSeconds\":"))
      try await client.send(request("GET", "/", keyed: false))
      #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test(arguments: [
    (Duration?.none, 503, "notReady", "null"), (.seconds(5), 200, "ready", "5"),
    (.seconds(90_000), 503, "notReady", "90000"),
  ])
  func isReadyWithARecentSnapshot(age: Duration?, status: Int, word: String, seconds: String) throws {
    let now = BootTime(nanoseconds: 1_000_000_000)
    let cell = SnapshotCell(lease: ServingLease { now })
    if let age { cell.freshness.confirm(at: now - age) }
    let answer = Health.readiness(cell)
    #expect(answer.status == status)
    let body = try text(answer)
    #expect(
      body
        == "{\"status\":\"\(word)\",\"snapshotAgeSeconds\":\(seconds),\"lease\":\"none\",\"withoutLease\":\"serve\"}\n")
  }

  private func text(_ answer: LocalAnswer) throws -> String {
    guard case .bytes(let body) = answer.body else { throw CancellationError() }
    return String(decoding: body, as: UTF8.self)
  }

  @Test func answersLoopbackAndTrustedProxiesOnly() {
    let proxies = [AddressRange("10.0.0.0/8")!]
    func peer(_ address: String) -> Peer { Peer(try? .init(ipAddress: address, port: 1), trustedProxies: proxies) }
    #expect(peer("127.0.0.1").isLoopback && peer("::1").isLoopback && peer("::ffff:127.0.0.1").isLoopback)
    #expect(peer("10.1.2.3").isTrusted && peer("::ffff:10.1.2.3").isTrusted)
    #expect(!peer("192.0.2.1").isTrusted && !peer("192.0.2.1").isLoopback)
  }
}
