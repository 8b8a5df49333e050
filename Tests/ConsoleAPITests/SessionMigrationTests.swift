import Logging
import Migrations
import Model
import Postgres
import TestPostgres
import Testing

/// Whoever is signed in while an installation is brought up to date stays so.
@Suite(.serialized)
struct SessionMigrationTests {
  @Test(.database) func givesSessionsThatThereAreIdsOfTheirOwn() async throws {
    let configuration = TestDatabase.current.configuration
    try await SQLScript(Migrations.setup).run(on: configuration)
    let steps = Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }
    let migrator = Migrator(configuration.replacing(user: "latchkey_owner"), logger: Logger(label: "test"))
    try await migrator.migrate(steps.filter { $0.number < 9 })
    let (tenant, account) = (ID<Tenant>.random(), ID<Account>.random())
    let tokens = (0..<50).map { _ in SessionToken.random() }
    try await TestDatabase.current.withPool { pool in
      try await pool.execute(
        Query<Void>("test.tenant", "INSERT INTO tenants (id, slug, name) VALUES (\(tenant), 'acme', 'Acme')"))
      try await pool.execute(
        Query<Void>(
          "test.account",
          """
          INSERT INTO accounts (tenant_id, id, email, name, role)
          VALUES (\(tenant), \(account), 'a@acme.example', 'A', 'owner')
          """))
      for token in tokens {
        try await pool.execute(
          Query<Void>(
            "test.session",
            """
            INSERT INTO sessions (tenant_id, token_digest, account_id, expires_at)
            VALUES (\(tenant), \(token.digest), \(account), now() + interval '1 hour')
            """))
      }
    }
    try await migrator.migrate(steps)
    try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      let ids = try await pool.pipeline(
        settings: ["latchkey.tenant_id": tenant.description],
        Query<ID<OpenSession>>("test.ids", "SELECT id FROM sessions").all)
      #expect(Set(ids).count == tokens.count)
      for token in tokens {
        let found = try await pool.only(
          Query<Int>("test.find", "SELECT count(*) FROM session_by_digest(\(token.digest))"))
        #expect(found == 1)
      }
    }
  }
}
