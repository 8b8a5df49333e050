import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// Several processes around one database, and what they do without it.
@Suite(.timeLimit(.minutes(10))) struct NodesTests {
  @Test(.database) func aChangeIsInForceOnEveryGateway() async throws {
    let database = TestDatabase.current.configuration
    try await RunningLatchkey.with(role: "console", environment: database.environment) { console in
      let acme = try await Tenancy("acme", at: console.address(of: "console"))
      let (key, secret) = try await acme.key()
      let group = try await acme.release("pets", backend: .mock)
      try await withGateways(3, database.environment) { gateways in
        let authorization = try await acme.authorize(key, for: group)
        for gateway in gateways {
          let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
          #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
        }
        #expect(try await acme.call(.DELETE, "/authorizations/\(authorization)").status == 204)
        for gateway in gateways {
          let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
          #expect(try await Caller.untilStatus(403, url, headers: keyed(secret)).status == 403)
        }
      }
    }
  }

  @Test func gatewaysDecideOnWithoutTheDatabase() async throws {
    // It stops as in a crash, after which what was committed must still be there.
    let server = try await PrivateServer.start(settings: ["synchronous_commit": "on"])
    let environment = server.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let url = "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
      let (key, secret, stranger) = try await acme.openedDoor(at: url)

      await server.stop()
      for _ in 0..<20 {
        #expect(try await Caller.call(.GET, url, headers: keyed(secret)).status == 200)
        #expect(try await Caller.call(.GET, url, headers: keyed(stranger)).status == 403)
        #expect(try await Caller.call(.GET, url).status == 401)
      }
      let console = try await acme.call(.GET, "/me")
      #expect(console.status == 503)
      #expect(try console.json["code"]?.text == "unavailable")

      try await server.start()
      let again = try await Caller.untilStatus(
        200, "http://\(latchkey.address(of: "console"))/v1/me", headers: [("Authorization", "Bearer \(acme.token)")])
      #expect(again.status == 200)
      #expect(try await acme.call(.DELETE, "/subscription-keys/\(key)").status == 204)
      let refused = try await Caller.untilStatus(401, url, headers: keyed(secret))
      #expect(refused.status == 401, "\(latchkey.log)")
    }
    await server.remove()
  }

  @Test(.database) func nodesWorkAsTheirOwnLogins() async throws {
    let database = TestDatabase.current
    try await RunningLatchkey.with(environment: database.configuration.environment) { latchkey in
      _ = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let users = try await database.withPool { pool in
        try await pool.all(
          Query<String>(
            "test.logins",
            "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'latchkey %'"
          ))
      }
      #expect(Set(users) == ["latchkey_console", "latchkey_gateway"])
    }
  }

  private func withGateways(
    _ count: Int, _ environment: [String: String], _ body: ([RunningLatchkey]) async throws -> Void,
    started: [RunningLatchkey] = []
  ) async throws {
    guard started.count < count else { return try await body(started) }
    try await RunningLatchkey.with(role: "gateway", environment: environment) { gateway in
      try await withGateways(count, environment, body, started: started + [gateway])
    }
  }
}
