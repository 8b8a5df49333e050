import Metering
import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// What is counted of which call, for the usage of both parties.
@Suite(.timeLimit(.minutes(10))) struct UsageTests {
  private static let now = UnixTime(microseconds: 1_750_000_030_000_000)

  /// What was counted of these requests, each on a connection of its own that is read to the end of the answer's head.
  private func rows(
    of requests: [String], _ world: World = mock(), internally: Bool = false
  ) async throws -> [UsageRow] {
    let log = UsageLog()
    try await RunningGateway.with(world, clock: { Self.now }, usage: log) { gateway in
      for request in requests {
        let wire = internally ? try await gateway.connectInternally() : try await gateway.connect()
        try await wire.send(request)
        _ = try await wire.read(through: "\r\n\r\n")
      }
    }
    return log.rows
  }

  private static func mock() -> World { World(backend: .mock(MockResponse(status: 201, headers: [], body: "made"))) }

  private static func keyed(_ path: String, _ secret: SecretValue) -> String {
    request("GET", path, "jdcloud-apim-subscription-key: \(secret.revealed)\r\n", keyed: false)
  }

  @Test func countsACallWithWhoseItWasAndWhatItCameTo() async throws {
    let calls = [request(), request()]
    let rows = try await rows(of: calls)
    let row = try #require(rows.first)
    #expect(rows.count == 1)
    #expect(row.minute == 1_750_000_020 && row.provider == World.acme && row.subscription == World.key)
    #expect(row.key.group == World.group && row.key.environment == .online && row.key.secret == World.secret.digest)
    #expect(row.key.api != nil && row.key.outcome == .admitted)
    #expect(row.counts.statuses[2] == 2 && row.counts.requests == 2)
    #expect(row.counts.bytesIn == Int64(calls.joined().utf8.count) && row.counts.bytesOut > 0)
    #expect(row.counts.histogram.count == 2 && row.counts.lastCalled == Self.now.microseconds)
  }

  @Test func countsBodiesBothWays() async throws {
    let log = UsageLog()
    let call = request("POST", "/acme/online/echo/ok", "Content-Length: 7\r\n", body: "payload")
    let answer = try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), usage: log) { gateway in
        let client = try await gateway.connect()
        try await client.send(call)
        let wire = try await backend.accept()
        _ = try await wire.read(through: "payload")
        try await wire.send("HTTP/1.1 502 Odd\r\nContent-Length: 5\r\n\r\nabcde")
        return try await client.read(through: "abcde")
      }
    }
    let rows = log.rows
    #expect(rows.count == 1 && rows[0].counts.statuses[5] == 1)
    #expect(rows[0].counts.bytesIn == Int64(call.utf8.count))
    #expect(rows[0].counts.bytesOut == Int64(answer.utf8.count))
  }

  /// Each refusal with its reason, and with the secret where that is somebody's.
  @Test func tellsRefusalsApart() async throws {
    let rows = try await rows(of: [
      request(keyed: false), Self.keyed("/acme/online/echo/ok", World.otherSecret),
      Self.keyed("/acme/online/echo/ok", SecretValue.random()),
      request("GET", "/acme/online/echo/ok", "jdcloud-apim-subscription-key: x\r\n"),
      request("GET", "/acme/online/none/ok"),
    ])
    let told = rows.map { row in
      "\(row.key.outcome.kind) \(row.key.outcome.reason?.rawValue ?? "") \(row.key.secret == nil ? "nobody" : "somebody")"
    }
    #expect(
      told.sorted() == [
        "refused credentialMissing nobody", "refused credentialsSeveral nobody", "refused keyUnknown nobody",
        "refused notAuthorized somebody",
      ])
    #expect(rows.allSatisfy { $0.counts.statuses[4] == 1 && $0.key.api == nil })
  }

  @Test func tellsWhatWouldHaveBeenRefused() async throws {
    let path = "/acme/online/observed/ok"
    let rows = try await rows(of: [
      request("GET", path), request("GET", path, keyed: false), Self.keyed(path, World.otherSecret),
    ])
    let told = rows.map { "\($0.key.outcome.kind) \($0.key.outcome.reason?.rawValue ?? "")" }
    #expect(told.sorted() == ["admitted ", "observed credentialMissing", "observed notAuthorized"])
    #expect(rows.allSatisfy { $0.counts.statuses[2] == 1 && $0.key.api != nil })
  }

  /// In an open group nobody judges keys, so that one which is no good is no one's.
  @Test func countsCallsOfOpenGroupsAsNobodys() async throws {
    let rows = try await rows(of: [Self.keyed("/acme/online/open/ok", World.otherSecret)])
    #expect(rows.map(\.key.outcome) == [.admitted] && rows[0].key.secret == nil)
  }

  @Test func countsAClientThatGoesAwayAsUnanswered() async throws {
    let log = UsageLog()
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), usage: log) { gateway in
        let client = try await gateway.connect()
        try await client.send(request())
        let wire = try await backend.accept()
        _ = try await wire.readHead()
        try await client.reset()
        _ = await wire.readToAnyEnd()
      }
    }
    let rows = log.rows
    #expect(rows.count == 1 && rows[0].counts.statuses[0] == 1 && rows[0].counts.requests == 1)
  }

  @Test func countsAPipelineCallByCall() async throws {
    let log = UsageLog()
    try await RunningGateway.with(Self.mock(), usage: log) { gateway in
      let wire = try await gateway.connect()
      try await wire.send(request() + request(keyed: false) + request("GET", "/acme/online/open/ok") + request())
      for _ in 0..<4 { _ = try await wire.read(through: "\r\n\r\n") }
    }
    let counts = log.rows.map { "\($0.key.outcome.kind) \($0.counts.requests)" }
    #expect(counts.sorted() == ["admitted 1", "admitted 2", "refused 1"])
  }

  @Test func countsAChecksAnswerAndNoBytes() async throws {
    func check(_ fields: String) -> String {
      "GET /check/nginx HTTP/1.1\r\nHost: a\r\nX-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok\r\n\(fields)\r\n"
    }
    let rows = try await rows(
      of: [check("jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"), check("")], internally: true)
    #expect(Set(rows.map(\.key.outcome)) == [.admitted, .refused(.credentialMissing)])
    #expect(rows.count == 2 && rows.allSatisfy { $0.counts.bytesIn == 0 && $0.counts.bytesOut == 0 })
  }
}
