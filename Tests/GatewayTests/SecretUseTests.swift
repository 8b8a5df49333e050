import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// Which calls count as a use of a secret.
@Suite(.timeLimit(.minutes(10))) struct SecretUseTests {
  private static let now = UnixTime(microseconds: 1_750_000_000_000_000)

  /// What was noted of these requests, each on a connection of its own, to the gateway or to the internal listener.
  private func uses(of requests: [String], internally: Bool = false) async throws -> [SecretUses.Use] {
    let log = SecretUseLog()
    var world = World(port: 1)
    world.backend = .mock(MockResponse(status: 200, headers: [], body: ""))
    try await RunningGateway.with(world, clock: { Self.now }, secretUses: log) { gateway in
      for request in requests {
        let wire = internally ? try await gateway.connectInternally() : try await gateway.connect()
        try await wire.send(request)
        _ = try await wire.read(through: "\r\n\r\n")
      }
    }
    return log.take()
  }

  private static let used = [SecretUses.Use(of: World.secret.digest, at: now)]

  @Test func aCallThatIsAdmittedIsAUse() async throws {
    #expect(try await uses(of: [request(), request()]) == Self.used)
  }

  @Test func aCheckIsAUse() async throws {
    let check = """
      GET /check/nginx HTTP/1.1\r
      Host: a\r
      X-Original-Method: GET\r
      X-Original-URI: /acme/online/echo/ok\r
      jdcloud-apim-subscription-key: \(World.secret.revealed)\r
      \r

      """
    #expect(try await uses(of: [check], internally: true) == Self.used)
  }

  @Test func aCallThatIsRefusedIsNone() async throws {
    let stranger = "jdcloud-apim-subscription-key: \(World.otherSecret.revealed)\r\n"
    #expect(
      try await uses(of: [
        request("GET", "/acme/online/echo/ok", stranger, keyed: false), request("GET", "/acme/online/none/ok"),
        request(keyed: false), request("GET", "/acme/online/open/ok", keyed: false),
      ]).isEmpty)
  }
}
