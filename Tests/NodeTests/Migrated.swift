import Logging
import Migrations
import Postgres
import TestPostgres
import Testing

extension DatabaseTrait.Template {
  /// The whole schema, as `latchkey migrate` makes it.
  static let migrated = DatabaseTrait.Template(key: "migrated") { try await migrate($0) }

  static func migrate(_ superuser: PostgresConfiguration) async throws {
    try await SQLScript(Migrations.setup).run(on: superuser)
    let migrator = Migrator(superuser.replacing(user: "latchkey_owner"), logger: Logger(label: "test"))
    try await migrator.migrate(Migrations.steps.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) })
    try await Mutation.apply(to: superuser)
  }
}

extension Trait where Self == DatabaseTrait {
  static var migrated: DatabaseTrait { .database(.migrated) }
}
