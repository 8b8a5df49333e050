import Metering
import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// No caller has more calls under way than it may, and neither has a group; others are not touched by that.
@Suite(.timeLimit(.minutes(10))) struct SharesTests {
  private static let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
  private static let anonymous = request("GET", "/acme/online/open/x", keyed: false)

  private func withGateway(
    tally: RequestTally = RequestTally(), usage: UsageLog = UsageLog(),
    _ configure: @escaping @Sendable (inout Configuration) -> Void,
    _ body: @escaping @Sendable (RunningGateway, ScriptedBackend) async throws -> Void
  ) async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(World(port: backend.port), configure: configure, tally: tally, usage: usage) {
        try await body($0, backend)
      }
    }
  }

  /// Begins a call, and gives both its ends once the backend has it.
  private func begin(
    _ request: String = request(), from address: String? = nil, at gateway: RunningGateway, _ backend: ScriptedBackend
  ) async throws -> (client: Wire, upstream: Wire) {
    let client = try await Wire.connect(to: gateway.port, from: address)
    try await client.send(request)
    let upstream = try await backend.accept()
    _ = try await upstream.readHead()
    return (client, upstream)
  }

  private func refusal(
    of request: String = request(), from address: String? = nil, at gateway: RunningGateway
  ) async throws -> String {
    let client = try await Wire.connect(to: gateway.port, from: address)
    try await client.send(request)
    return try await client.read(through: "}\n")
  }

  /// Asks again and again until a call is let through.
  private func callUntilAdmitted(at gateway: RunningGateway, _ backend: ScriptedBackend) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while let upstream = try? await backend.accept() {
          _ = try await upstream.readHead()
          try await upstream.send(Self.ok)
        }
      }
      var answer = ""
      while answer.isEmpty || answer.contains("concurrency_exceeded") {
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/ok", "Connection: close\r\n"))
        answer = try await client.readToEnd()
        try await client.close()
      }
      // One that is admitted may still be too slow where backends have little time.
      #expect(answer.hasPrefix("HTTP/1.1 200 ") || answer.hasPrefix("HTTP/1.1 504 "))
      group.cancelAll()
    }
  }

  @Test func aCallBeyondItsCallersShareIsRefusedAndSaysWhenToTryAgain() async throws {
    let (tally, usage) = (RequestTally(), UsageLog())
    try await withGateway(tally: tally, usage: usage, { $0.concurrencyPerCaller = 2 }) { gateway, backend in
      let first = try await begin(at: gateway, backend)
      let second = try await begin(at: gateway, backend)
      let client = try await gateway.connect()
      try await client.send(request())
      let refused = try await client.read(through: "}\n")
      #expect(refused.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
      #expect(refused.contains("\r\nRetry-After: 1\r\n") && refused.contains("application/problem+json"))
      #expect(refused.contains("\"code\":\"concurrency_exceeded\"") && !refused.contains("Connection: close"))
      // Whoever calls without that key is not concerned, from the same address neither.
      let other = try await begin(Self.anonymous, at: gateway, backend)
      for call in [first, second, other] {
        try await call.upstream.send(Self.ok)
        _ = try await call.client.read(through: "\r\n\r\nok")
      }
      // The connection that was refused goes on.
      try await client.send(request())
      let upstream = try await backend.accept()
      _ = try await upstream.readHead()
      try await upstream.send(Self.ok)
      _ = try await client.read(through: "\r\n\r\nok")
    }
    #expect(RequestTally.Share.allCases.map { tally.beyond($0) } == [1, 0, 0])
    let refused = usage.rows.filter { $0.key.outcome == .refused(.concurrencyExceeded) }
    #expect(refused.count == 1 && refused[0].subscription == World.key && refused[0].counts.statuses[4] == 1)
  }

  enum Ending: CaseIterable {
    case answer, brokenBackend, silentBackend, clientGone, clientReset, cutAnswer, lateBody, revoked, retried
  }

  @Test(arguments: Ending.allCases) func aCallThatHasEndedIsNotUnderWay(ending: Ending) async throws {
    try await withGateway({
      $0.concurrencyPerCaller = 1
      if ending == .silentBackend { $0.timeouts.response = .milliseconds(300) }
      if ending == .lateBody { $0.timeouts.bodyIdle = .milliseconds(300) }
    }) { gateway, backend in
      let hasBody = ending == .lateBody
      let asked = hasBody ? request("POST", "/acme/online/echo/ok", "Content-Length: 9\r\n", body: "x") : request()
      let (client, upstream) = try await begin(asked, at: gateway, backend)
      if ending != .silentBackend, ending != .lateBody {
        #expect(try await refusal(at: gateway).contains("concurrency_exceeded"))
      }
      try await end(ending, client, upstream, gateway, backend)
      try await callUntilAdmitted(at: gateway, backend)
    }
  }

  private func end(
    _ ending: Ending, _ client: Wire, _ upstream: Wire, _ gateway: RunningGateway, _ backend: ScriptedBackend
  ) async throws {
    switch ending {
    case .answer:
      try await upstream.send(Self.ok)
      _ = try await client.read(through: "\r\n\r\nok")
    case .brokenBackend:
      try await upstream.reset()
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 502 "))
    case .silentBackend: #expect(try await client.readHead().hasPrefix("HTTP/1.1 504 "))
    case .clientGone:
      // It may only have closed its own side: the answer is sent, and finds nobody.
      try await client.close()
      try await upstream.send(Self.ok)
    case .clientReset: try await client.reset()
    case .cutAnswer:
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
      _ = try await client.read(through: "half")
      try await upstream.reset()
      #expect(await client.readToAnyEnd().ending == .reset)
    case .lateBody: #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 408 "))
    case .revoked:
      gateway.snapshots.publish(.empty)
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 404 "))
      gateway.snapshots.publish(World(port: backend.port).snapshot())
    case .retried:
      try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      _ = try await client.read(through: "\r\n\r\nok")
      try await client.send(request())
      _ = try await upstream.readHead()
      // Asked once more, on a connection of its own, it is still one call.
      try await upstream.reset()
      try await client.close()
    }
  }

  @Test func aCallThatIsRefusedIsNotUnderWay() async throws {
    try await withGateway({ $0.concurrencyPerCaller = 1 }) { gateway, backend in
      let client = try await gateway.connect()
      for _ in 0..<3 {
        try await client.send(request("GET", "/acme/online/none"))
        _ = try await client.read(through: "}\n")
        try await client.send(request(keyed: false))
        _ = try await client.read(through: "}\n")
      }
      let call = try await begin(at: gateway, backend)
      try await call.upstream.send(Self.ok)
      _ = try await call.client.read(through: "\r\n\r\nok")
    }
  }

  /// Here nobody can tell what is left of its limit.
  @Test func aCallThatIsHeldToItsLimitIsNotUnderWay() async throws {
    try await ScriptedBackend.with { backend in
      var world = World(port: backend.port)
      world.limits = PublishedLimits(
        id: .random(), mode: .enforce, limits: [LimitPolicy.Limit(requests: 1, period: .day, overdraft: 0)])
      try await RunningGateway.with(world, configure: { $0.concurrencyPerCaller = 1 }) { gateway in
        for _ in 0..<3 { #expect(try await refusal(at: gateway).contains("limit_unavailable")) }
        gateway.snapshots.publish(World(port: backend.port).snapshot())
        let call = try await begin(at: gateway, backend)
        #expect(try await refusal(at: gateway).contains("concurrency_exceeded"))
        try await call.upstream.send(Self.ok)
        _ = try await call.client.read(through: "\r\n\r\nok")
      }
    }
  }

  @Test func theClientsOfOneAddressLeaveTheirCallerAPart() async throws {
    try await withGateway({ $0.concurrencyPerCaller = 4 }) { gateway, backend in
      for _ in 0..<3 { _ = try await begin(at: gateway, backend) }
      #expect(try await refusal(at: gateway).contains("concurrency_exceeded"))
      _ = try await begin(from: "127.0.0.2", at: gateway, backend)
      #expect(try await refusal(from: "127.0.0.3", at: gateway).contains("concurrency_exceeded"))
    }
  }

  /// What a client says of itself changes nothing: it is known by its address.
  @Test func whoeverSaysItIsSomebodyElseIsCountedAllTheSame() async throws {
    try await withGateway({ $0.concurrencyPerCaller = 1 }) { gateway, backend in
      _ = try await begin(Self.anonymous, at: gateway, backend)
      for field in ["X-Forwarded-For: 192.0.2.9", "Forwarded: for=192.0.2.9", "X-Real-IP: 192.0.2.9"] {
        let asked = request("GET", "/acme/online/open/x", "\(field)\r\n", keyed: false)
        #expect(try await refusal(of: asked, at: gateway).contains("concurrency_exceeded"))
      }
    }
  }

  @Test func aGroupFullOfOneCallerAdmitsAnother() async throws {
    let tally = RequestTally()
    try await withGateway(tally: tally, { $0.concurrencyPerGroup = 4 }) { gateway, backend in
      for _ in 0..<3 { _ = try await begin(Self.anonymous, at: gateway, backend) }
      #expect(try await refusal(of: Self.anonymous, at: gateway).contains("concurrency_exceeded"))
      // Its share of this group says nothing of others.
      _ = try await begin(at: gateway, backend)
      _ = try await begin(Self.anonymous, from: "127.0.0.2", at: gateway, backend)
      #expect(RequestTally.Share.allCases.map { tally.beyond($0) } == [1, 0, 0])
      #expect(try await refusal(of: Self.anonymous, from: "127.0.0.3", at: gateway).contains("concurrency_exceeded"))
      #expect(RequestTally.Share.allCases.map { tally.beyond($0) } == [1, 1, 0])
    }
  }

  /// It speaks for many, whose calls count for whose they are.
  @Test func aProxyThatIsTrustedIsNoCaller() async throws {
    try await withGateway({
      $0.concurrencyPerCaller = 1
      $0.trustedProxies = [AddressRange("127.0.0.1/32")!]
    }) { gateway, backend in
      for _ in 0..<3 { _ = try await begin(Self.anonymous, at: gateway, backend) }
      _ = try await begin(at: gateway, backend)
      #expect(try await refusal(at: gateway).contains("concurrency_exceeded"))
    }
  }

  @Test func whatIsAnsweredAtOnceIsNotCounted() async throws {
    let mock = World(backend: .mock(MockResponse(status: 200, headers: [], body: "made")))
    try await RunningGateway.with(mock, configure: { $0.concurrencyPerCaller = 1 }) { gateway in
      let clients = [try await gateway.connect(), try await gateway.connect()]
      for client in clients { try await client.send(request() + request()) }
      for client in clients { for _ in 0..<2 { _ = try await client.read(through: "made") } }
    }
  }
}
