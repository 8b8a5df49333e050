import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// How a tenant, or a key, is removed for good: in steps, whatever there is of it.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(2)))
struct PurgeTests {
  private func step(_ tenant: ID<Tenant>) async throws -> Bool {
    try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
      try await pool.run(OperatedTenants.purge(tenant))
    }
  }

  private func events(of chain: String, in api: Harness) async throws -> Int {
    try await api.database.only(
      Query<Int>("test.events", "SELECT count(*) FROM audit_events WHERE tenant_id = \(chain)"))
  }

  /// Without triggers, so that it takes no time.
  private func addKeys(_ count: Int, to tenant: ID<Tenant>) async throws {
    try await Catalogue.run(
      """
      SET session_replication_role = replica;
      INSERT INTO subscription_keys (tenant_id, id, name)
      SELECT '\(tenant)', 'sub_' || lpad(i::text, 26, '0'), 'many' FROM generate_series(1, \(count)) i
      """)
  }

  @Test func goesStepByStepAndWritesNothingOfWhatItRemoves() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: acme)
      let (own, group) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: globex))
      for (owner, group) in [(acme, own), (globex, group)] {
        #expect(try await api.authorize(key, for: [(group, "online")], as: owner).status == 201)
      }
      try await addKeys(5001, to: acme.tenant)
      var before = try await events(of: "\(acme.tenant)", in: api)
      var steps = 0
      while try await step(acme.tenant) {
        steps += 1
        let now = try await events(of: "\(acme.tenant)", in: api)
        #expect(now <= before, "nothing is written that is removed")
        before = now
        let state = try await Catalogue.texts("SELECT state FROM tenants WHERE id = '\(acme.tenant)'")
        #expect(state == ["deleted"])
      }
      #expect(steps > 4, "keys alone are more than a step removes")
      for table in try await Catalogue.tables() where table.tenantColumn == "tenant_id" {
        let left = try await Catalogue.texts("SELECT '' FROM \(table.name) WHERE tenant_id = '\(acme.tenant)'")
        #expect(left.isEmpty, "\(table.name)")
      }
      #expect(
        try await Catalogue.texts("SELECT name FROM tenants WHERE deletion_requested_at IS NULL AND state <> 'active'")
          == ["acme"])
      #expect(try await events(of: AuditChains.installation, in: api) == 1)
      // What a provider gave it is told of in the provider's audit, and its quota is free again.
      let told = try await api.send(.get, "/audit-events?limit=2", as: globex).items.map { $0["action"]?.text }
      #expect(told == ["authorization.deleted", "authorizationTarget.deleted"])
      let quotas = try await api.send(.get, "/tenant/quotas", as: globex)
      #expect(quotas["authorizations"]?["used"] == 0 && quotas["authorizationTargets"]?["used"] == 0)
    }
  }

  @Test func letsNobodyBackInOnceItHasBegun() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      #expect(try await step(acme.tenant))
      #expect(try await api.send(.get, "/me", as: acme).status == 401)
      let restored = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
        try await pool.run(OperatedTenants.make(.restore, of: acme.tenant))
      }
      #expect(restored == 0)
      // The job goes on with it, however long ago it was asked for.
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        while try await pool.only(Query<Int64>("test.purge", "SELECT purge_tenants()")) > 0 {}
      }
      #expect(try await Catalogue.texts("SELECT id FROM accounts") == [])
    }
  }

  @Test func removesAKeyOfManyAuthorizationsInSteps() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: acme)
      let group = try await api.liveGroup(of: globex)
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)
        SELECT '\(globex.tenant)', 'aut_' || lpad(i::text, 26, '0'), '\(acme.tenant)', '\(key)'
        FROM generate_series(1, 1500) i;
        INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
        VALUES ('\(globex.tenant)', 'aut_' || lpad('7', 26, '0'), '\(key)', '\(group)', 'online');
        UPDATE subscription_keys SET deleted_at = now() - interval '31 days'
        """)
      var removed: [Int64] = []
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        repeat {
          removed.append(try await pool.only(Query<Int64>("test.prune", "SELECT prune_subscription_keys()")))
        } while removed.last != 0
      }
      #expect(removed == [1, 1000, 500, 1, 0])
    }
  }

  @Test func exportsAllThatThereIs() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: acme)
      let group = try await api.liveGroup(of: globex)
      let given = try await api.authorize(key, for: [(group, "online")], as: globex)
      let rows = try await TestDatabase.current.withPool(user: "latchkey_owner") { owner in
        try await owner.run(
          DynamicSQL.texts("SELECT relation || ' ' || content FROM export_tenant('\(acme.tenant)')"))
      }
      func row(_ table: String) -> String? { rows.first { $0.hasPrefix("\(table) ") } }
      let received = try #require(row("received_authorizations"))
      let json = try JSONValue(parsing: Array(received.drop { $0 != "{" }.utf8))
      #expect(json["id"]?.text == given.id && json["subscription_key_id"]?.text == key)
      #expect(json["provider_slug"] == "globex" && json["group_name"] == "Group pets")
      #expect(row("sessions")?.contains("token_digest") == false)
      #expect(row("authorizations") == nil, "which the provider's has")
      #expect(!rows.contains { $0.contains("\(globex.tenant)") })
      // What the database makes of the rest is nobody's to have.
      #expect(row("subscription_keys")?.contains("\"name\"") == true)
      #expect(!rows.contains { $0.contains("\"sort_name\"") || $0.contains("\"search_text\"") })
    }
  }
}
