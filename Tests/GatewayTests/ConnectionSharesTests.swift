import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// No address and no caller holds more connections than it may.
@Suite(.timeLimit(.minutes(10))) struct ConnectionSharesTests {
  private static let anonymous = request("GET", "/acme/online/open/x", keyed: false)

  private func withGateway(
    connections: Int, tally: RequestTally = RequestTally(),
    _ configure: @escaping @Sendable (inout Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningGateway) async throws -> Void
  ) async throws {
    let mock = World(backend: .mock(MockResponse(status: 200, headers: [], body: "made")))
    try await RunningGateway.with(
      mock,
      configure: {
        $0.connectionsPerCaller = connections
        configure(&$0)
      }, tally: tally, body)
  }

  /// A connection that has had a call answered and is kept.
  private func open(
    _ request: String = request(), from address: String? = nil, at gateway: RunningGateway
  ) async throws -> Wire {
    let wire = try await Wire.connect(to: gateway.port, from: address)
    try await wire.send(request)
    #expect(try await wire.read(through: "made").hasPrefix("HTTP/1.1 200 "))
    return wire
  }

  private func refused(
    _ request: String = request(), from address: String? = nil, at gateway: RunningGateway
  ) async throws -> String {
    let wire = try await Wire.connect(to: gateway.port, from: address)
    try await wire.send(request)
    return try await wire.readToEnd()
  }

  @Test func oneAddressHoldsAPartOfWhatACallerMayAndCanGoOnWithIt() async throws {
    let tally = RequestTally()
    try await withGateway(connections: 4, tally: tally) { gateway in
      var wires: [Wire] = []
      for _ in 0..<3 { wires.append(try await open(Self.anonymous, at: gateway)) }
      let answer = try await refused(Self.anonymous, at: gateway)
      #expect(answer.hasPrefix("HTTP/1.1 429 ") && answer.contains("\r\nRetry-After: 1\r\n"))
      #expect(answer.contains("\"code\":\"connections_exceeded\"") && answer.contains("\r\nConnection: close\r\n"))
      #expect(tally.beyond(.connections) == 1)
      // Those that it has are none the worse for it, nor are others.
      for wire in wires {
        try await wire.send(Self.anonymous)
        _ = try await wire.read(through: "made")
      }
      _ = try await open(Self.anonymous, from: "127.0.0.2", at: gateway)
      // One that ends makes room for one.
      try await wires[0].close()
      var answers: [String] = []
      while answers.last?.hasPrefix("HTTP/1.1 200 ") != true {
        let asked = request("GET", "/acme/online/open/x", "Connection: close\r\n", keyed: false)
        let wire = try await gateway.connect()
        try await wire.send(asked)
        answers.append(await wire.readToAnyEnd().text)
      }
    }
  }

  @Test func aCallerHoldsNoMoreThanItMayFromHoweverManyAddresses() async throws {
    try await withGateway(connections: 4) { gateway in
      var wires: [Wire] = []
      for number in 2...5 { wires.append(try await open(from: "127.0.0.\(number)", at: gateway)) }
      #expect(try await refused(from: "127.0.0.6", at: gateway).contains("connections_exceeded"))
      // Whoever calls without that key may, from there too.
      _ = try await open(Self.anonymous, from: "127.0.0.6", at: gateway)
      // A connection is its latest call's: that caller has room again.
      try await wires[0].send(Self.anonymous)
      _ = try await wires[0].read(through: "made")
      _ = try await open(from: "127.0.0.6", at: gateway)
      // And it has none now: what was free is taken.
      try await wires[0].send(request())
      #expect(try await wires[0].readToEnd().contains("connections_exceeded"))
    }
  }

  /// Neither do they wait for a head as long as others.
  @Test func connectionsBeyondAnAddressesShareAreNotKept() async throws {
    try await withGateway(connections: 1, { $0.timeouts.linger = .milliseconds(200) }) { gateway in
      let first = try await open(Self.anonymous, at: gateway)
      let second = try await gateway.connect()
      let third = try await gateway.connect()
      // Above twice what may be, unasked.
      _ = await third.readToAnyEnd()
      // Within it, after a moment.
      #expect(try await second.readToEnd() == "")
      try await first.send(Self.anonymous)
      _ = try await first.read(through: "made")
    }
  }

  @Test func aProxyThatIsTrustedHoldsAsManyAsItNeeds() async throws {
    try await withGateway(connections: 1, { $0.trustedProxies = [AddressRange("127.0.0.1/32")!] }) { gateway in
      for _ in 0..<5 { _ = try await open(at: gateway) }
    }
  }

  @Test func whoAsksForChecksHoldsAsManyAsItNeeds() async throws {
    let check = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok\r\n"
    try await withGateway(connections: 1) { gateway in
      for _ in 0..<5 {
        let wire = try await gateway.connectInternally()
        try await wire.send(request("GET", "/check/nginx", check))
        #expect(try await wire.readHead().hasPrefix("HTTP/1.1 200 "))
      }
    }
  }
}
