import Contract
import Foundation
import Logging
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// A console that dies while it does what was asked for under an `Idempotency-Key`.
@Suite(.timeLimit(.minutes(10))) struct IdempotencyTests {
  private static let group: JSONValue = ["name": "Pets", "prefix": "pets", "accessMode": "required"]

  @Test func makesOneOfWhatWasAskedForBeforeAndAfterAKill() async throws {
    let server = try await PrivateServer.start(settings: ["synchronous_commit": "on"])
    do {
      let environment = server.configuration.environment
      let token = try await RunningLatchkey.with(role: "console", environment: environment) { console in
        let acme = try await Tenancy("acme", at: console.address(of: "console"))
        try await killing(console, amid: acme, server)
        return acme.token
      }
      try await RunningLatchkey.with(role: "console", environment: environment) { console in
        let first = try await create(token, at: console)
        #expect(first.status == 201)
        #expect(first.headers["Idempotent-Replayed"].isEmpty, "nothing had been done")
        let second = try await create(token, at: console)
        #expect(second.status == 201)
        #expect(second.headers["Idempotent-Replayed"] == ["true"])
        #expect(try second.json["id"] == first.json["id"])
        let groups = try await Caller.call(
          .GET, "http://\(console.address(of: "console"))/v1/api-groups",
          headers: [("Authorization", "Bearer \(token)")])
        #expect(try groups.json["items"]?.elements?.count == 1)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  /// Kills a console in the middle of creating a group: what it changes is held back by a lock until it is dead.
  private func killing(_ console: RunningLatchkey, amid acme: Tenancy, _ server: PrivateServer) async throws {
    try await PostgresPool.withPool(server.configuration, logger: Logger(label: "test")) { pool in
      try await pool.transaction { transaction in
        try await transaction.execute(Query<Void>("test.lock", "LOCK TABLE api_groups IN EXCLUSIVE MODE"))
        let asked = Task { try await create(acme.token, at: console) }
        while try await transaction.only(Query<Int64>("test.waiting", Self.waiting)) == 0 {}
        _ = await console.stop(SIGKILL)
        await #expect(throws: (any Error).self, "it died without an answer") { try await asked.value }
      }
    }
  }

  private static let waiting: SQL = """
    SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'latchkey_console'
    """

  private func create(_ token: String, at console: RunningLatchkey) async throws -> Answer {
    try await Caller.call(
      .POST, "http://\(console.address(of: "console"))/v1/api-groups",
      headers: [
        ("Authorization", "Bearer \(token)"), ("Content-Type", "application/json"), ("Idempotency-Key", "k"),
      ], body: Self.group.string)
  }
}
