import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// How a tenant, or a key, is removed for good: in steps, whatever there is of it.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
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

  /// Whatever was on its way, and whoever's it is: a person's, a job's or somebody's who is not signed in.
  @Test(arguments: [true, false])
  func addsNothingToATenantOnceItIsDeleted(isSignedIn: Bool) async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      #expect(try await step(acme.tenant))
      let rows = [
        "INSERT INTO accounts (tenant_id, id, email, name, role) VALUES ($t, 'acc_1', 'a@a.example', 'A', 'viewer')",
        "INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode) VALUES ($t, 'grp_1', 'G', 'g', 'open')",
        "INSERT INTO subscription_keys (tenant_id, id, name) VALUES ($t, 'sub_1', 'K')",
      ]
      for row in rows {
        let script = """
          BEGIN;
          SET LOCAL latchkey.tenant_id = '\(acme.tenant)';
          SET LOCAL latchkey.account_id = '\(isSignedIn ? acme.account.description : "")';
          \(row.replacing("$t", with: "'\(acme.tenant)'"));
          COMMIT
          """
        await #expect(throws: PostgresError.self, "\(row)") {
          try await SQLScript(script).run(on: TestDatabase.current.configuration.replacing(user: "latchkey_console"))
        }
      }
      while try await step(acme.tenant) {}
      #expect(try await Catalogue.texts("SELECT tenant_id FROM audit_heads") == [AuditChains.installation])
    }
  }

  /// What was being added as it was deleted is waited for, and goes with the rest.
  @Test func removesWhatWasBeingAdded() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        try await api.database.transaction { transaction in
          try await transaction.execute(
            Query<Void>(
              "test.lock_head", "SELECT FROM audit_heads WHERE tenant_id = \(acme.tenant) FOR UPDATE"))
          tasks.addTask { _ = try await step(acme.tenant) }
          try await eventually {
            try await api.database.only(
              Query<Bool>(
                "test.is_anyone_waiting",
                """
                SELECT EXISTS (
                  SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
                """))
          }
          #expect(try await Catalogue.texts("SELECT state FROM tenants") == ["active"])
        }
        try await tasks.waitForAll()
      }
      #expect(try await Catalogue.texts("SELECT state FROM tenants") == ["deleted"])
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
        INSERT INTO authorization_targets (
          tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, environment)
        VALUES ('\(globex.tenant)', 'aut_' || lpad('7', 26, '0'), '\(acme.tenant)', '\(key)', '\(group)', 'online');
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
