import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What a transaction of many changes costs grows with their number, not with its square.
@Suite(.latchkey, .serialized)
struct ManyChangesTests {
  @Test(arguments: ["audit_heads", "tenant_usage"])
  func findsTheRowThatEachChangeWritesWhereItLeftIt(table: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try #require(ID<APIGroup>(try await api.group(of: owner)))
      let lookUps = try await api.database.transaction { transaction in
        try await transaction.execute(
          Query<Void>(
            "test.insert_apis",
            """
            INSERT INTO apis (tenant_id, group_id, id, name, method, path, match)
            SELECT \(owner.tenant), \(group), 'api_' || lpad(i::text, 26, '0'), 'API', 'GET', '/' || i, 'exact'
            FROM generate_series(1, 200) i
            """))
        try await transaction.execute(Query<Void>("test.constraints", "SET CONSTRAINTS ALL IMMEDIATE"))
        return try await transaction.only(
          Query<Int64>(
            "test.look_ups", "SELECT idx_scan FROM pg_stat_xact_user_tables WHERE relname = \(table)"))
      }
      #expect(lookUps <= 2)
    }
  }

  /// What is deleted with much of its own may take longer than what is done every day.
  @Test func deletesAnAccountThatDidMuchAndAGroupOfMuch() async throws {
    try await Harness.run(statementTimeout: .milliseconds(250)) { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.account(.owner, besides: owner)
      let group = try await api.group(of: owner)
      try await Catalogue.run(
        """
        INSERT INTO apis (tenant_id, group_id, id, name, method, path, match)
        SELECT '\(owner.tenant)', '\(group)', 'api_' || lpad(i::text, 26, '0'), 'API', 'GET', '/' || i, 'exact'
        FROM generate_series(1, 10000) i;
        SET session_replication_role = replica;
        INSERT INTO audit_events (tenant_id, sequence, occurred_at, entity_kind, entity_id, action, actor_kind,
          account_id, previous_hash, hash)
        SELECT '\(owner.tenant)', 1000000 + i, now(), 'api', 'api_1', 'api.created', 'account', '\(other.account)', '',
          sha256('')
        FROM generate_series(1, 200000) i;
        INSERT INTO audit_particulars (tenant_id, sequence, part, salt, content)
        SELECT '\(owner.tenant)', 1000000 + i, 'origin', '', '{"address": "203.0.113.9"}'
        FROM generate_series(1, 200000) i
        """)
      #expect(try await api.send(.delete, "/accounts/\(other.account)", as: owner).status == 204)
      #expect(
        try await Catalogue.texts(
          "SELECT content FROM audit_particulars WHERE sequence > 1000000 AND content LIKE '%203%' LIMIT 1") == [])
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: owner).status == 204)
      #expect(try await api.send(.get, "/tenant/quotas", as: owner)["apis"]?["used"] == 0)
    }
  }

  /// A transaction may change what several tenants have, and may begin with a place that is another tenant's or none.
  @Test(arguments: ["(0,1)", "(7,7)", ""])
  func countsAndChainsEachTenantsOwn(place: String) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let groups = [(acme, try await api.group(of: acme)), (globex, try await api.group(of: globex))]
      try await api.database.transaction { transaction in
        for setting in ["latchkey.audit_head_place", "latchkey.usage_place"] {
          try await transaction.execute(Query<Void>("test.set", "SELECT set_config(\(setting), \(place), true)"))
        }
        for number in 0..<6 {
          for (tenant, group) in groups {
            try await transaction.execute(
              Query<Void>(
                "test.insert_api",
                """
                INSERT INTO apis (tenant_id, group_id, id, name, method, path, match)
                VALUES (\(tenant.tenant), \(group), \(ID<API>.random()), 'API', 'GET', \("/\(number)"), 'exact')
                """))
          }
        }
      }
      for tenant in [acme, globex] {
        #expect(try await api.send(.get, "/tenant/quotas", as: tenant)["apis"]?["used"] == 6)
        let events = try await api.send(.get, "/audit-events?action=api&limit=200", as: tenant).items
        #expect(events.count == 6)
        for (event, before) in zip(events, events.dropFirst()) { #expect(event["previousHash"] == before["hash"]) }
      }
    }
  }
}
