import Model
import Routing
import Synchronization
import TestWire
import Testing

@testable import Gateway

/// What becomes of calls with the node's lease and without it.
@Suite(.timeLimit(.minutes(10)))
struct LeaseTests {
  /// A clock that the test moves.
  private final class Hands: Sendable {
    private let seconds = Mutex(1000)
    func set(_ seconds: Int) { self.seconds.withLock { $0 = seconds } }
    var now: BootTime { Self.at(seconds.withLock { $0 }) }
    static func at(_ seconds: Int) -> BootTime { BootTime(nanoseconds: Int64(seconds) * 1_000_000_000) }
  }

  private let hands = Hands()

  private func withGateway(
    _ withoutLease: ServingLease.WithoutLease, _ body: @escaping @Sendable (RunningGateway, Wire) async throws -> Void
  ) async throws {
    let lease = ServingLease(withoutLease: withoutLease) { [hands] in hands.now }
    let mock = Backend.mock(MockResponse(status: 200, headers: [], body: "ok"))
    try await RunningGateway.with(World(backend: mock), lease: lease) { gateway in
      try await body(gateway, try await gateway.connect())
    }
  }

  private func status(_ client: Wire) async throws -> String {
    try await client.send(request("GET"))
    let head = try await client.readHead()
    let length = try #require(head.firstMatch(of: /Content-Length: (\d+)/)?.1)
    _ = try await client.read(count: try #require(Int(length)))
    return String(head.prefix(12))
  }

  @Test func oneThatRefusesAnswersByItsLeaseOnly() async throws {
    try await withGateway(.refuse) { (gateway, client) async throws in
      #expect(try await status(client) == "HTTP/1.1 503", "it has none yet")
      gateway.snapshots.lease.extend(until: Hands.at(1008))
      #expect(try await status(client) == "HTTP/1.1 200")
      hands.set(1007)
      #expect(try await status(client) == "HTTP/1.1 200")
      hands.set(1008)
      #expect(try await status(client) == "HTTP/1.1 503", "the very moment it has run out, on the same connection")
      gateway.snapshots.lease.extend(until: Hands.at(1016))
      #expect(try await status(client) == "HTTP/1.1 200")
    }
  }

  @Test func oneThatServesGoesOnWithoutIt() async throws {
    try await withGateway(.serve) { (gateway, client) async throws in
      #expect(try await status(client) == "HTTP/1.1 200")
      gateway.snapshots.lease.extend(until: Hands.at(1008))
      hands.set(2000)
      #expect(try await status(client) == "HTTP/1.1 200")
    }
  }

  /// Counted in boot time, whatever the wall clock says, and looked at for every call: a machine that slept for longer
  /// decides none by what it knew.
  @Test func oneThatServesRefusesFromTheMaximumAgeOn() async throws {
    try await withGateway(.serve) { (gateway, client) async throws in
      hands.set(1000 + 24 * 3600)
      #expect(try await status(client) == "HTTP/1.1 200")
      hands.set(1001 + 24 * 3600)
      #expect(try await status(client) == "HTTP/1.1 503", "the very moment, on the same connection")
      gateway.snapshots.freshness.confirm(at: Hands.at(2000))
      #expect(try await status(client) == "HTTP/1.1 200")
    }
  }

  @Test func checksAreRefusedToo() async throws {
    try await withGateway(.refuse) { (gateway, _) async throws in
      let client = try await gateway.connectInternally()
      let asked = "X-Original-Method: GET\r\nX-Original-URI: /acme/online/echo/ok\r\n"
      try await client.send(request("GET", "/check/nginx", asked))
      let refused = try await client.readHead()
      #expect(refused.contains("X-Latchkey-Status: 503"))
      gateway.snapshots.lease.extend(until: Hands.at(1008))
      try await client.send(request("GET", "/check/nginx", asked))
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test(arguments: [
    (ServingLease.WithoutLease.serve, 1000, "HTTP/1.1 200", "held"), (.serve, 1008, "HTTP/1.1 200", "none"),
    (.refuse, 1000, "HTTP/1.1 200", "held"), (.refuse, 1008, "HTTP/1.1 503", "none"),
  ])
  func readinessTellsIt(
    withoutLease: ServingLease.WithoutLease, time: Int, status: String, word: String
  ) async throws {
    try await withGateway(withoutLease) { (gateway, _) async throws in
      gateway.snapshots.lease.extend(until: Hands.at(1008))
      hands.set(time)
      let client = try await gateway.connectInternally()
      try await client.send(request("GET", "/readyz", keyed: false))
      let answer = try await client.read(through: "}\n")
      #expect(answer.hasPrefix(status))
      #expect(answer.contains("\"lease\":\"\(word)\",\"withoutLease\":\"\(withoutLease.rawValue)\""))
    }
  }
}
