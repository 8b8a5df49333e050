import Logging
import Migrations
import Model
import Postgres
import TestPostgres
import Testing

/// What was authorized before an installation is brought up to date is found afterwards by whose key it is.
@Suite(.serialized)
struct ReceivedTargetMigrationTests {
  @Test(.database) func findsTargetsThatThereAre() async throws {
    let configuration = TestDatabase.current.configuration
    try await SQLScript(Migrations.setup).run(on: configuration)
    let steps = Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }
    let migrator = Migrator(configuration.replacing(user: "latchkey_owner"), logger: Logger(label: "test"))
    try await migrator.migrate(steps.filter { $0.number < 37 })
    try await SQLScript(
      """
      INSERT INTO tenants (id, slug, name) VALUES ('ten_a', 'acme', 'Acme'), ('ten_g', 'globex', 'Globex');
      INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode) VALUES ('ten_a', 'grp_1', 'Pets', 'pets', 'required');
      INSERT INTO subscription_keys (tenant_id, id, name) VALUES ('ten_a', 'sub_a', 'Own'), ('ten_g', 'sub_g', 'Other');
      INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)
      VALUES ('ten_a', 'aut_a', 'ten_a', 'sub_a'), ('ten_a', 'aut_g', 'ten_g', 'sub_g');
      INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
      VALUES ('ten_a', 'aut_a', 'sub_a', 'grp_1', 'test'), ('ten_a', 'aut_g', 'sub_g', 'grp_1', 'online');
      """
    ).run(on: configuration)
    try await migrator.migrate(steps)
    try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      for (tenant, targets) in [("ten_g", ["sub_g grp_1 online"]), ("ten_a", [])] {
        let found = try await pool.pipeline(
          settings: ["latchkey.tenant_id": tenant],
          Query<String>(
            "test.received", "SELECT concat_ws(' ', subscription_key_id, group_id, environment) FROM received_targets"
          ).all)
        #expect(found == targets)
      }
    }
  }
}
