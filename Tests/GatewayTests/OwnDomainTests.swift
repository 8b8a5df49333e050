import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// Calls to a host that is a tenant's own, on the wire.
@Suite(.timeLimit(.minutes(10))) struct OwnDomainTests {
  private static let domain = PublishedDomain(
    id: .random(), host: HostName("api.acme.example")!, group: World.group, environment: .online)

  private static let bound = SnapshotChange.domain(domain.id, domain)

  private func publish(_ change: SnapshotChange, at gateway: RunningGateway) {
    gateway.snapshots.publish(gateway.snapshots.snapshot.applying([change]))
  }

  private func call(
    _ line: String = "GET /x HTTP/1.1", host: String? = "api.acme.example", _ fields: String = ""
  ) -> String {
    let host = host.map { "Host: \($0)\r\n" } ?? ""
    return "\(line)\r\n\(host)jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n\(fields)\r\n"
  }

  private func withBoundGateway(
    _ body: @escaping @Sendable (RunningGateway, ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port, base: "/base")) { gateway in
        publish(Self.bound, at: gateway)
        try await body(gateway, backend)
      }
    }
  }

  @Test(arguments: [
    ("GET /x?q=1 HTTP/1.1", "api.acme.example"), ("GET /x?q=1 HTTP/1.1", "API.ACME.example:8443"),
    ("GET /x?q=1 HTTP/1.1", "api.acme.example."), ("GET /x?q=1 HTTP/1.0", "api.acme.example"),
  ])
  func forwardsThePathAsItCame(line: String, host: String) async throws {
    try await withBoundGateway { gateway, backend in
      let client = try await gateway.connect()
      try await client.send(call(line, host: host))
      let upstream = try await backend.accept()
      let head = lines(try await upstream.readHead())
      #expect(head[0] == "GET /base/x?q=1 HTTP/1.1")
      #expect(head.contains("X-Latchkey-Tenant: globex") && head.contains("X-Forwarded-Host: \(host)"))
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      #expect(try await client.readHead().contains(" 200 OK"))
    }
  }

  @Test(arguments: [
    ("GET /acme/online/none/x HTTP/1.0", String?.none), ("GET /x HTTP/1.1", "api.globex.example"),
    ("GET /x HTTP/1.1", "127.0.0.1:8000"), ("GET /x HTTP/1.1", "[::1]:8000"),
  ])
  func findsNothingByAnotherHostOrNone(line: String, host: String?) async throws {
    try await withBoundGateway { gateway, _ in
      let client = try await gateway.connect()
      try await client.send(call(line, host: host))
      #expect(try await client.readHead().contains(" 404 "))
    }
  }

  /// It is an origin of its own, so cookies pass; those of a host above it would reach others (threats, row 28).
  @Test func leavesCookiesToTheHost() async throws {
    try await withBoundGateway { gateway, backend in
      let client = try await gateway.connect()
      try await client.send(call(host: "api.acme.example", "Cookie: a=b\r\n"))
      let upstream = try await backend.accept()
      #expect(lines(try await upstream.readHead()).contains("Cookie: a=b"))
      let cookies = "Set-Cookie: a=b; Path=/; HttpOnly\r\nSet-Cookie: c=d; domain=acme.example; Secure\r\n"
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(cookies)Clear-Site-Data: \"*\"\r\n\r\n")
      let head = lines(try await client.readHead())
      #expect(
        head.filter { $0.hasPrefix("Set-Cookie") } == ["Set-Cookie: a=b; Path=/; HttpOnly", "Set-Cookie: c=d; Secure"])
      #expect(head.contains("Clear-Site-Data: \"*\""))
      // The same group by path shares its origin with all others.
      try await client.send(call("GET /acme/online/echo/x HTTP/1.1", host: "gw.example", "Cookie: a=b\r\n"))
      #expect(!lines(try await upstream.readHead()).contains("Cookie: a=b"))
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(cookies)\r\n")
      #expect(!(try await client.readHead()).contains("Cookie"))
    }
  }

  @Test(arguments: [
    ("/check/forwarded", "X-Forwarded-Host: api.acme.example\r\n", "/x", 200),
    ("/check/forwarded", "X-Forwarded-Host: API.acme.example:443\r\n", "/x", 200),
    ("/check/forwarded", "X-Forwarded-Host: api.acme.example\r\n", "/acme/online/echo", 200),
    // A proxy that goes by such paths has another group's backend there, and is not to be told of this one.
    ("/check/forwarded", "X-Forwarded-Host: api.acme.example\r\n", "/globex/online/orders", 404),
    ("/check/forwarded", "X-Forwarded-Host: other.example\r\n", "/x", 404),
    ("/check/forwarded", "", "/x", 404), ("/check/forwarded", "", "/acme/online/echo/x", 200),
    ("/check/forwarded?group=\(World.group)&environment=test", "X-Forwarded-Host: api.acme.example\r\n", "/x", 404),
    ("/check/nginx", "X-Forwarded-Host: api.acme.example\r\n", "/x", 404),
    ("/check/nginx", "X-Forwarded-Host: api.acme.example\r\n", "/acme/online/echo/x", 200),
  ])
  func checksByTheHostThatTheFormHas(path: String, field: String, uri: String, status: Int) async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      publish(Self.bound, at: gateway)
      let client = try await gateway.connectInternally()
      let isNginx = path.hasPrefix("/check/nginx")
      let (method, target) = isNginx ? ("Original-Method", "Original-URI") : ("Forwarded-Method", "Forwarded-Uri")
      // The check's own Host is the internal listener's, whatever it says.
      let fields = "X-\(method): GET\r\nX-\(target): \(uri)\r\n\(field)"
      try await client.send(call("GET \(path) HTTP/1.1", host: "api.acme.example", fields))
      let head = try await client.readHead()
      #expect(head.contains(isNginx && status == 404 ? "X-Latchkey-Status: 404" : " \(status) "))
    }
  }

  @Test(arguments: [false, true]) func endsAnOpenStream(isMoved: Bool) async throws {
    try await withBoundGateway { gateway, backend in
      let client = try await gateway.connect()
      try await client.send(call())
      let upstream = try await backend.accept()
      _ = try await upstream.readHead()
      try await upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      _ = try await client.read(through: "hello\r\n")
      let moved = PublishedDomain(
        id: Self.domain.id, host: Self.domain.host, group: World.openGroup, environment: .online)
      publish(.domain(moved.id, isMoved ? moved : nil), at: gateway)
      let (rest, ending) = await client.readToAnyEnd()
      #expect(rest.isEmpty && ending == .reset)
    }
  }
}
