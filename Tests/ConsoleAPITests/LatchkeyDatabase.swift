import Logging
import Migrations
import Postgres
import TestPostgres
import Testing

extension Trait where Self == DatabaseTrait {
  /// A database of the test's own with the product's logins and schema, migrated by the owner's login as in production.
  static var latchkey: DatabaseTrait {
    .database(DatabaseTrait.Template(key: "latchkey", prepare: prepareLatchkey))
  }

  /// The same with every tenant's policy let down, so that only what the statements themselves say keeps tenants apart.
  static var latchkeyWithoutPolicies: DatabaseTrait {
    .database(
      DatabaseTrait.Template(key: "latchkey without policies") { configuration in
        try await prepareLatchkey(configuration)
        try await SQLScript(
          """
          DO $$
          DECLARE policy record;
          BEGIN
            FOR policy IN
              SELECT polrelid::regclass AS isolated FROM pg_policy WHERE polname = 'tenant'
            LOOP
              EXECUTE format('ALTER POLICY tenant ON %s USING (true) WITH CHECK (true)', policy.isolated);
            END LOOP;
          END
          $$
          """
        ).run(on: configuration)
      })
  }
}

@Sendable
private func prepareLatchkey(_ configuration: PostgresConfiguration) async throws {
  try await SQLScript(Migrations.setup).run(on: configuration)
  let steps = Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }
  let owner = configuration.replacing(user: "latchkey_owner")
  try await Migrator(owner, logger: Logger(label: "test")).migrate(steps)
  try await Mutation.apply(to: configuration)
}
