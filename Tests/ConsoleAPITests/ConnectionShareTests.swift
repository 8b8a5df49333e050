import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What one tenant has the database wait for keeps no other tenant waiting.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct ConnectionShareTests {
  private static let waiting = Query<Int>(
    "test.waiting",
    """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'latchkey_console' AND wait_event_type = 'Lock'
    """)

  @Test func servesOthersWhileAllThatOneTenantSendsWaits() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      try await withThrowingTaskGroup(of: Int.self) { group in
        try await api.database.transaction { transaction in
          let head = Query<Void>(
            "test.lock", "SELECT FROM audit_heads WHERE tenant_id = \(acme.tenant.description) FOR UPDATE")
          try await transaction.execute(head)
          for _ in 0..<7 {
            group.addTask { try await api.send(.post, "/subscription-keys", as: acme, ["name": "Key"]).status }
          }
          try await eventually { try await api.database.run(Self.waiting.only) >= 6 }
          #expect(try await api.send(.post, "/subscription-keys", as: globex, ["name": "Key"]).status == 201)
          #expect(try await api.database.run(Self.waiting.only) == 6)
        }
        for try await status in group { #expect(status == 201) }
      }
    }
  }
}
