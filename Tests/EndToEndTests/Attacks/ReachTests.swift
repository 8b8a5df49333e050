import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import TestWire
import Testing

extension AttackTests {
  /// Row 25: a backend as a way inside.
  @Suite struct ReachTests {
    /// A gateway beside the others whose operator allowed no network but the public one.
    private func withStrictGateway(_ body: (RunningLatchkey) async throws -> Void) async throws {
      var environment = AttackTarget.current.server.configuration.environment
      environment["LATCHKEY_LOCAL"] = "0"
      try await RunningLatchkey.with(role: "gateway", environment: environment, body)
    }

    /// The path of a new open group with this backend.
    private func release(_ backend: String) async throws -> String {
      let prefix = "g" + UUID().uuidString.prefix(8).lowercased()
      _ = try await AttackTarget.current.provider.release(prefix, backend: .http(backend), accessMode: "open")
      return "/acme/online/\(prefix)"
    }

    /// The status of a call, once the group is known there.
    private func call(_ path: String, at latchkey: RunningLatchkey) async throws -> Int {
      let url = "http://\(latchkey.address(of: "gateway"))\(path)/x"
      let deadline = ContinuousClock.now + .seconds(20)
      var status = 404
      while status == 404, ContinuousClock.now < deadline { status = try await Caller.call(.GET, url).status }
      return status
    }

    @Test func dialsNoAddressInsideThatWasNotAllowed() async throws {
      try await RecordingBackend.with { backend in
        try await withStrictGateway { gateway in
          let hosts = [
            "127.0.0.1", "localhost", "127.1", "127.8.9.10", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]",
            "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]", "169.254.169.254",
            "[fe80::1]", "[fd00:ec2::254]", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.100.100.200", "224.0.0.1",
            "255.255.255.255", "198.18.0.1",
          ]
          for host in hosts {
            let path = try await release("http://\(host):\(backend.port)/")
            let status = try await call(path, at: gateway)
            #expect(status == 502, "\(host)")
          }
          #expect(backend.connections.isEmpty)
        }
      }
    }

    /// Even where loopback is allowed: our own listeners and the database.
    @Test func neverDialsItself() async throws {
      let target = AttackTarget.current
      for listener in ["console", "gateway", "internal"] {
        let address = target.latchkey.address(of: listener)
        let port = AttackTarget.port(address)
        for host in [address, "localhost:\(port)", "[::ffff:127.0.0.1]:\(port)"] {
          let path = try await release("http://\(host)/")
          let status = try await call(path, at: target.latchkey)
          #expect(status == 502, "\(listener) by \(host)")
        }
      }
    }

    @Test func neverDialsItsDatabase() async throws {
      let server = try await PrivateServer.start(listensOnTCP: true)
      let port = try #require(server.port)
      let url = "host=127.0.0.1 port=\(port) user=postgres dbname=postgres"
      try await RunningLatchkey.with(environment: ["LATCHKEY_DATABASE_URL": url, "LATCHKEY_LOCAL": "1"]) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        for (number, host) in ["127.0.0.1", "localhost"].enumerated() {
          _ = try await acme.release("g\(number)", backend: .http("http://\(host):\(port)/"), accessMode: "open")
          let status = try await call("/acme/online/g\(number)", at: latchkey)
          #expect(status == 502)
        }
      }
      await server.remove()
    }

    @Test func passesARedirectOnAndFollowsNone() async throws {
      try await RecordingBackend.with { inside in
        let target = AttackTarget.current
        try await target.withGroup(behaviour: .redirects(to: inside.url)) { group in
          let answers = try await group.answers(to: group.request())
          #expect(answers.statuses == [302] && answers.contains("Location: \(inside.url)\r\n"))
          #expect(inside.connections.isEmpty && group.backend.requests.count == 1)
        }
      }
    }

    /// Two gateways, each the other's backend.
    @Test func endsALoopThroughOthers() async throws {
      let target = AttackTarget.current
      try await RunningLatchkey.with(role: "gateway", environment: target.server.configuration.environment) { other in
        let (one, two) = (
          "l" + UUID().uuidString.prefix(8).lowercased(), "m" + UUID().uuidString.prefix(8).lowercased()
        )
        let here = target.latchkey.address(of: "gateway"), there = other.address(of: "gateway")
        for (prefix, next) in [(one, "http://\(there)/acme/online/\(two)"), (two, "http://\(here)/acme/online/\(one)")]
        {
          _ = try await target.provider.release(prefix, backend: .http(next), accessMode: "open")
        }
        // Until both know both, the end of the chain is a 404.
        let answer = try await Caller.untilStatus(508, "http://\(here)/acme/online/\(one)/x")
        #expect(answer.status == 508)
      }
    }
  }
}
