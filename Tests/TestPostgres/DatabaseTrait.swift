package import Postgres
package import Testing

/// Gives each test a database of its own, cloned from a template that is prepared once per process, and dropped after.
///
/// The server is that of `LATCHKEY_TEST_DATABASE_URL`, a superuser's connection string, or else one that this process
/// starts for itself.
package struct DatabaseTrait: TestTrait, SuiteTrait, TestScoping {
  /// What a database is before a test has it.
  package struct Template: Sendable {
    let key: String
    let prepare: @Sendable (PostgresConfiguration) async throws -> Void

    /// - Parameters:
    ///   - key: tests with the same key share a template.
    ///   - prepare: brings the empty database into shape, with a superuser's access to it; it must leave no
    ///     connection behind.
    package init(key: String, prepare: @escaping @Sendable (PostgresConfiguration) async throws -> Void) {
      self.key = key
      self.prepare = prepare
    }
  }

  let template: Template

  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let database = try await TestCluster.shared.makeDatabase(from: template)
    do {
      try await TestDatabase.withCurrent(database, function)
    } catch {
      try await TestCluster.shared.drop(database)
      throw error
    }
    try await TestCluster.shared.drop(database)
  }
}

extension Trait where Self == DatabaseTrait {
  /// A database of the test's own, as `template` prepares it.
  package static func database(_ template: DatabaseTrait.Template) -> DatabaseTrait {
    DatabaseTrait(template: template)
  }

  /// A database of the test's own, empty.
  package static var database: DatabaseTrait {
    DatabaseTrait(template: DatabaseTrait.Template(key: "empty") { _ in })
  }

  /// A database of the test's own with `migrations` applied by the superuser.
  package static func database(key: String, migrations: [Migration]) -> DatabaseTrait {
    .database(
      DatabaseTrait.Template(key: key) { configuration in
        try await Migrator(configuration, logger: TestCluster.logger).migrate(migrations)
      })
  }
}
