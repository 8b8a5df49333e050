import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// What the database refuses of a provider's tables although the code asks for it.
@Suite(.latchkey, .serialized)
struct ProviderRowLevelSecurityTests {
  private static func counts(of tenant: ID<Tenant>) -> Statement<[Int]> {
    Query<Int>(
      "test.counts",
      """
      SELECT count(*) FROM api_groups WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM apis WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM revisions WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM revision_apis WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM deployments WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM authorizations WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM authorization_targets WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM domains WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM authorized_subscriptions WHERE tenant_id = \(tenant)
      """
    ).all
  }

  @Test(arguments: ["foreign", "empty", "unset"])
  func showsNoRowOfAnother(setting: String) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: globex)
      let key = try await api.key(of: globex)
      #expect(try await api.authorize(key, for: [(group, "online")], as: globex).status == 201)
      #expect(try await api.claim("api.example.com", for: group, as: globex).status == 201)
      let settings: TransactionSettings =
        switch setting {
        case "foreign": ["latchkey.tenant_id": acme.tenant.description]
        case "empty": ["latchkey.tenant_id": ""]
        default: .none
        }
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let own = try await pool.pipeline(
          settings: ["latchkey.tenant_id": globex.tenant.description], Self.counts(of: globex.tenant))
        #expect(own == Array(repeating: 1, count: 9))
        let foreign = try await pool.pipeline(settings: settings, Self.counts(of: globex.tenant))
        #expect(foreign == Array(repeating: 0, count: 9))
        let received = try await pool.pipeline(
          settings: settings,
          Query<Int>(
            "test.received", "SELECT count(*) FROM received_authorizations WHERE subscription_key_id = \(key)"
          ).only)
        #expect(received == 0)
        let changed = try await pool.pipeline(
          settings: settings,
          Query<Void>("test.open", "UPDATE api_groups SET access_mode = 'open' WHERE id = \(group)").affected,
          Query<Void>("test.offline", "UPDATE deployments SET ended_at = now() WHERE group_id = \(group)").affected,
          Query<Void>("test.drop_apis", "DELETE FROM apis WHERE group_id = \(group)").affected,
          Query<Void>("test.revoke", "DELETE FROM authorizations WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.untarget", "DELETE FROM authorization_targets WHERE group_id = \(group)").affected,
          Query<Void>("test.unbind", "DELETE FROM domains WHERE group_id = \(group)").affected,
          Query<Void>("test.drop_group", "DELETE FROM api_groups WHERE id = \(group)").affected)
        #expect(
          [changed.0, changed.1, changed.2, changed.3, changed.4, changed.5, changed.6] == [0, 0, 0, 0, 0, 0, 0])
      }
    }
  }

  @Test func refusesToWriteForAnother() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: globex)
      let key = try await api.key(of: globex)
      _ = try await api.group(of: acme)
      let authorization = try await api.authorize(key, for: [(group, "online")], as: globex).id
      let tenant = globex.tenant
      let writes: [Query<Void>] = [
        Query(
          "test.group",
          "INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode) VALUES (\(tenant), 'g', 'g', 'g', 'open')"),
        Query(
          "test.api",
          """
          INSERT INTO apis (tenant_id, id, group_id, name, method, path, match)
          VALUES (\(tenant), 'a', \(group), 'a', 'GET', '/z', 'exact')
          """),
        Query(
          "test.revision",
          "INSERT INTO revisions (tenant_id, id, group_id, version) VALUES (\(tenant), 'r', \(group), '8.8.8')"),
        Query(
          "test.revision_api",
          """
          INSERT INTO revision_apis (tenant_id, revision_id, api_id, name, method, path, match)
          VALUES (\(tenant), 'r', 'a', 'a', 'GET', '/z', 'exact')
          """),
        Query(
          "test.deployment",
          """
          INSERT INTO deployments (tenant_id, id, group_id, revision_id, environment, backend_url)
          VALUES (\(tenant), 'd', \(group), 'r', 'test', 'http://a.example')
          """),
        Query(
          "test.authorization",
          """
          INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)
          VALUES (\(tenant), 'a', \(tenant), \(key))
          """),
        Query(
          "test.target",
          """
          INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
          VALUES (\(tenant), \(authorization), \(key), \(group), 'test')
          """),
        Query(
          "test.domain",
          """
          INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token)
          VALUES (\(tenant), 'd', 'a.example.com', \(group), 'online', 'x')
          """),
        Query("test.give_away", "UPDATE api_groups SET tenant_id = \(tenant)"),
        Query("test.rewrite", "UPDATE revision_apis SET path = '/'"),
        Query("test.republish", "UPDATE deployments SET backend_url = 'http://a.example'"),
      ]
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        for write in writes {
          let error = await #expect(throws: PostgresError.self, "\(write.name)") {
            try await pool.pipeline(settings: ["latchkey.tenant_id": acme.tenant.description], write.affected)
          }
          #expect(error?.sqlState == "42501", "\(write.name)")
        }
      }
    }
  }

  /// The composite keys, which look through row-level security, take no other tenant's rows either.
  @Test func refersToNothingOfAnother() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (own, foreign) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: globex))
      let key = try await api.key(of: acme)
      let authorization = try await api.authorize(key, for: [(own, "online")], as: acme).id
      let revisions = try await api.send(.get, "/api-groups/\(foreign)/revisions", as: globex)
      let revision = try #require(revisions.items.first?["id"]?.text)
      let writes: [(Query<Void>, String)] = [
        (
          Query(
            "test.api",
            """
            INSERT INTO apis (tenant_id, id, group_id, name, method, path, match)
            VALUES (\(acme.tenant), 'a', \(foreign), 'a', 'GET', '/z', 'exact')
            """), "apis_group"
        ),
        (
          Query(
            "test.deployment",
            """
            INSERT INTO deployments (tenant_id, id, group_id, revision_id, environment, backend_url)
            VALUES (\(acme.tenant), 'd', \(own), \(revision), 'test', 'http://a.example')
            """), "deployments_revision"
        ),
        (
          Query(
            "test.target",
            """
            INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
            VALUES (\(acme.tenant), \(authorization), \(key), \(foreign), 'test')
            """), "authorization_targets_group"
        ),
        (
          Query(
            "test.domain",
            """
            INSERT INTO domains (tenant_id, id, host, group_id, environment, verification_token)
            VALUES (\(acme.tenant), 'd', 'a.example.com', \(foreign), 'online', 'x')
            """), "domains_group"
        ),
      ]
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        for (write, constraint) in writes {
          let error = await #expect(throws: PostgresError.self, "\(write.name)") {
            try await pool.pipeline(settings: ["latchkey.tenant_id": acme.tenant.description], write.affected)
          }
          #expect(error?.constraint == constraint, "\(write.name)")
        }
      }
    }
  }
}
