import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What the database refuses although the code asks for it.
@Suite(.latchkey, .serialized)
struct RowLevelSecurityTests {
  @Test func bindsEveryTable() async throws {
    try await TestDatabase.current.withPool { database in
      let open = try await database.all(
        Query<String>(
          "test.open_tables",
          """
          SELECT relname::text FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND NOT (relrowsecurity AND relforcerowsecurity)
          """))
      #expect(open == [])
    }
  }

  private static func counts(of tenant: ID<Tenant>) -> Statement<[Int]> {
    Query<Int>(
      "test.counts",
      """
      SELECT count(*) FROM tenants WHERE id = \(tenant)
      UNION ALL SELECT count(*) FROM accounts WHERE tenant_id = \(tenant) AND state = 'active'
      UNION ALL SELECT count(*) FROM sessions WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM subscription_keys WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM subscription_secrets WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM subscription_searches WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM invitations WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM access_tokens WHERE tenant_id = \(tenant)
      UNION ALL SELECT count(*) FROM sign_in_origins WHERE tenant_id = \(tenant)
      """
    ).all
  }

  @Test(arguments: ["foreign", "empty", "unset"])
  func showsNoRowOfAnother(setting: String) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.send(.get, "/subscription-search?subscriptionId=\(try await api.key(of: globex))", as: globex)
      _ = try await api.invite(.viewer, as: globex)
      _ = try await api.accessToken(of: globex)
      let settings: TransactionSettings =
        switch setting {
        case "foreign": ["latchkey.tenant_id": acme.tenant.description]
        case "empty": ["latchkey.tenant_id": ""]
        default: .none
        }
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let own = try await pool.pipeline(
          settings: ["latchkey.tenant_id": globex.tenant.description], Self.counts(of: globex.tenant))
        #expect(own == [1, 1, 1, 1, 1, 1, 1, 1, 1])
        let foreign = try await pool.pipeline(settings: settings, Self.counts(of: globex.tenant))
        #expect(foreign == [0, 0, 0, 0, 0, 0, 0, 0, 0])
        let changed = try await pool.pipeline(
          settings: settings,
          Query<Void>("test.rename", "UPDATE tenants SET name = 'x' WHERE id = \(globex.tenant)").affected,
          Query<Void>(
            "test.revoke", "UPDATE subscription_keys SET state = 'disabled' WHERE tenant_id = \(globex.tenant)"
          )
          .affected,
          Query<Void>("test.steal", "DELETE FROM subscription_secrets WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.sign_out", "DELETE FROM sessions WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.promote", "UPDATE accounts SET role = 'owner' WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.evict", "DELETE FROM accounts WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.uninvite", "DELETE FROM invitations WHERE tenant_id = \(globex.tenant)").affected,
          Query<Void>("test.revoke_token", "DELETE FROM access_tokens WHERE tenant_id = \(globex.tenant)").affected)
        #expect([changed.0, changed.1, changed.2, changed.3] == [0, 0, 0, 0])
        #expect([changed.4, changed.5, changed.6, changed.7] == [0, 0, 0, 0])
      }
    }
  }

  @Test func refusesToWriteForAnother() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let writes: [Query<Void>] = [
        Query("test.tenant", "INSERT INTO tenants (id, slug, name) VALUES (\(ID<Tenant>.random()), 'x', 'x')"),
        Query(
          "test.account",
          "INSERT INTO accounts (tenant_id, id, email, name, role) VALUES (\(globex.tenant), 'a', 'a@b', 'a', 'owner')"),
        Query(
          "test.session",
          """
          INSERT INTO sessions (tenant_id, id, token_digest, account_id, expires_at)
          VALUES (\(globex.tenant), 'x', sha256('x'), \(globex.account), now() + interval '1 hour')
          """),
        Query("test.key", "INSERT INTO subscription_keys (tenant_id, id, name) VALUES (\(globex.tenant), 'k', 'k')"),
        Query(
          "test.search",
          """
          INSERT INTO subscription_searches (tenant_id, account_id, minute, searches)
          VALUES (\(globex.tenant), \(globex.account), now(), 0)
          """),
        Query(
          "test.invitation",
          """
          INSERT INTO invitations (tenant_id, account_id, token_digest, expires_at)
          VALUES (\(globex.tenant), \(globex.account), sha256('y'), now() + interval '1 hour')
          """),
        Query(
          "test.token",
          """
          INSERT INTO access_tokens (tenant_id, id, account_id, name, role, digest, prefix)
          VALUES (\(globex.tenant), 'x', \(globex.account), 'x', 'owner', sha256('z'), 'x')
          """),
        Query(
          "test.origin",
          "INSERT INTO sign_in_origins (tenant_id, account_id, origin) VALUES (\(globex.tenant), \(globex.account), '')"
        ),
        Query("test.attempts", "DELETE FROM attempts"),
        Query("test.give_away", "UPDATE subscription_keys SET tenant_id = \(globex.tenant)"),
      ]
      _ = try await api.key(of: acme)
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

  @Test func answersDefinerFunctionsOnExactValuesOnly() async throws {
    try await Harness.run { api in
      let globex = try await api.owner(of: "globex")
      let key = try await api.key(of: globex)
      let invitation = try await api.invite(.viewer, as: globex).token
      let invited = SecretDigest(hashing: invitation).bytes
      let token = SecretDigest(hashing: try await api.accessToken(of: globex)).bytes
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let digest = SecretDigest(hashing: globex.token).bytes
        let counts = try await pool.all(
          Query<Int>(
            "test.call",
            """
            SELECT count(*) FROM account_by_email('globex', 'owner@globex.example')
            UNION ALL SELECT count(*) FROM subscription_by_id(\(key))
            UNION ALL SELECT count(*) FROM session_by_digest(\(digest))
            UNION ALL SELECT count(*) FROM invitation_by_digest(\(invited))
            UNION ALL SELECT count(*) FROM access_token_by_digest(\(token))
            """))
        #expect(counts == [1, 1, 1, 1, 1])
        let inexact = try await pool.only(
          Query<Int>(
            "test.call_inexactly",
            """
            SELECT (SELECT count(*) FROM account_by_email('globex', '%'))
              + (SELECT count(*) FROM account_by_email('GLOBEX', 'owner@globex.example'))
              + (SELECT count(*) FROM account_by_email(NULL, NULL))
              + (SELECT count(*) FROM subscription_by_id(\(key.uppercased())))
              + (SELECT count(*) FROM subscription_by_id(\(key + " ")))
              + (SELECT count(*) FROM subscription_by_id('%'))
              + (SELECT count(*) FROM session_by_digest(''))
              + (SELECT count(*) FROM session_by_digest(\(token)))
              + (SELECT count(*) FROM invitation_by_digest(''))
              + (SELECT count(*) FROM invitation_by_digest(\(digest)))
              + (SELECT count(*) FROM access_token_by_digest(NULL))
              + (SELECT count(*) FROM access_token_by_digest(\(digest)))
            """))
        #expect(inexact == 0)
      }
      try await TestDatabase.current.withPool(user: "latchkey_gateway") { pool in
        let error = await #expect(throws: PostgresError.self) {
          _ = try await pool.only(Query<Int>("test.call", "SELECT count(*) FROM account_by_email('globex', 'x')"))
        }
        #expect(error?.sqlState == "42501")
      }
    }
  }
}
