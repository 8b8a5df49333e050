import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// What a gateway counts, and where it tells it.
@Suite(.timeLimit(.minutes(10)))
struct MetricsTests {
  private func counts(_ tally: RequestTally, _ listener: RequestTally.Listener) -> [Int] {
    (1...5).map { tally.count(of: $0, on: listener) }
  }

  private func observed(_ tally: RequestTally, _ listener: RequestTally.Listener) -> [Int] {
    RequestTally.ObservedStatus.allCases.map { tally.countObserved($0, on: listener) }
  }

  @Test func countsEachAnswerOnceByItsClass() async throws {
    let tally = RequestTally()
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), tally: tally) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET"))
        let server = try await backend.accept()
        _ = try await server.readHead()
        // What comes ahead of the answer is none.
        try await server.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")
        _ = try await client.readHead()
        _ = try await client.readHead()
        #expect(counts(tally, .gateway) == [0, 0, 1, 0, 0])
        try await client.send(request("GET", keyed: false))
        _ = try await client.read(through: "}\n")
        #expect(counts(tally, .gateway) == [0, 0, 1, 1, 0])
        try await client.send(request("GET"))
        _ = try await server.readHead()
        try await server.send("HTTP/1.1 nonsense\r\n\r\n")
        _ = try await client.read(through: "}\n")
        #expect(counts(tally, .gateway) == [0, 0, 1, 1, 1])
        let unreadable = try await gateway.connect()
        try await unreadable.send("nonsense\r\n\r\n")
        _ = try await unreadable.read(through: "}\n")
        #expect(counts(tally, .gateway) == [0, 0, 1, 2, 1])
        #expect(counts(tally, .check) == [0, 0, 0, 0, 0])
      }
    }
  }

  @Test func countsChecksByWhatTheyDecided() async throws {
    let tally = RequestTally()
    try await RunningGateway.with(World(port: 1), tally: tally) { gateway in
      let client = try await gateway.connectInternally()
      for path in ["/acme/online/echo/ok", "/acme/online/nothing/ok"] {
        try await client.send(request("GET", "/check/nginx", "X-Original-Method: GET\r\nX-Original-URI: \(path)\r\n"))
        _ = try await client.readHead()
      }
      try await client.send(request("GET", "/readyz", keyed: false))
      _ = try await client.read(through: "}\n")
      #expect(counts(tally, .check) == [0, 1, 0, 1, 0], "probes are no checks")
      #expect(counts(tally, .gateway) == [0, 0, 0, 0, 0])
    }
  }

  @Test func countsWhatOnlyObservingLetsThrough() async throws {
    let tally = RequestTally()
    let world = World(backend: .mock(MockResponse(status: 204, headers: [], body: "")))
    try await RunningGateway.with(world, tally: tally) { gateway in
      let client = try await gateway.connect()
      let stranger = "jdcloud-apim-subscription-key: \(World.otherSecret.revealed)\r\n"
      for (group, key) in [
        ("observed", ""), ("observed", stranger), ("observed", stranger),
        ("observed", "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"), ("open", ""), ("echo", ""),
      ] {
        try await client.send(request("GET", "/acme/online/\(group)/x", key, keyed: false))
        let answer = try await client.readHead()
        #expect(answer.hasPrefix(group == "echo" ? "HTTP/1.1 401 " : "HTTP/1.1 204 "))
        if group == "echo" { _ = try await client.read(through: "}\n") }
      }
      #expect(observed(tally, .gateway) == [1, 2, 0])
      let proxy = try await gateway.connectInternally()
      let original = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/observed/x\r\n"
      try await proxy.send(request("GET", "/check/nginx", original, keyed: false))
      #expect(try await proxy.readHead().hasPrefix("HTTP/1.1 200 "))
      #expect(observed(tally, .check) == [1, 0, 0] && observed(tally, .gateway) == [1, 2, 0])
    }
  }

  @Test func tellsThemToWhoAsksOnTheInternalListenerOnly() async throws {
    try await RunningGateway.with(World(port: 1), metrics: { "latchkey_up 1\n" }) { gateway in
      let client = try await gateway.connectInternally()
      try await client.send(request("GET", "/metrics", keyed: false))
      let answer = try await client.read(through: "latchkey_up 1\n")
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      #expect(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      let caller = try await gateway.connect()
      try await caller.send(request("GET", "/metrics", keyed: false))
      #expect(try await caller.readHead().hasPrefix("HTTP/1.1 404 "))
    }
  }
}
