import Logging
import Migrations
import Postgres
import TestPostgres
import Testing

extension Trait where Self == DatabaseTrait {
  /// A database of the test's own with the product's logins and schema, migrated by the owner's login as in production.
  static var latchkey: DatabaseTrait {
    .database(
      DatabaseTrait.Template(key: "latchkey") { configuration in
        try await SQLScript(Migrations.setup).run(on: configuration)
        let steps = Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }
        let owner = configuration.replacing(user: "latchkey_owner")
        try await Migrator(owner, logger: Logger(label: "test")).migrate(steps)
      })
  }
}
