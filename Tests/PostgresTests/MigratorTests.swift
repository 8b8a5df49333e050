import Logging
import TestPostgres
import Testing

@testable import Postgres

private let logger = Logger(label: "test")
private let first = Migration(
  number: 1, name: "0001_a.sql", sql: "CREATE TABLE a (id int8); CREATE TABLE aa (id int8);")
private let second = Migration(number: 2, name: "0002_b.sql", sql: "CREATE TABLE b (id int8);")

@Suite(.database)
struct MigratorTests {
  private let configuration = TestDatabase.current.configuration

  private var tables: [String] {
    get async throws {
      try await TestDatabase.current.withPool { pool async throws in
        try await pool.all(
          Query<String>("test.tables", "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
      }
    }
  }

  @Test func appliesWhatIsPendingOnce() async throws {
    let migrator = Migrator(configuration, logger: logger)
    #expect(try await migrator.migrate([first]) == [first])
    #expect(try await migrator.migrate([first, second]) == [second])
    #expect(try await migrator.migrate([first, second]).isEmpty)
    #expect(try await tables == ["a", "aa", "b", "schema_migrations"])
  }

  @Test func letsOneOfSeveralApply() async throws {
    let migrator = Migrator(configuration, logger: logger)
    let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
      for _ in 0..<6 { group.addTask { try await migrator.migrate([first, second]) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(applied == [first, second])
  }

  @Test func refusesAnEditedMigration() async throws {
    let migrator = Migrator(configuration, logger: logger)
    try await migrator.migrate([first])
    let edited = Migration(number: 1, name: first.name, sql: first.sql + " ")
    let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([edited, second]) }
    #expect(error?.code == .migration)
    for part in ["0001_a.sql", first.checksum, edited.checksum] { #expect(error?.detail?.contains(part) == true) }
    #expect(try await tables == ["a", "aa", "schema_migrations"])
  }

  @Test func undoesAMigrationThatFails() async throws {
    let migrator = Migrator(configuration, logger: logger)
    let broken = Migration(number: 2, name: "0002_broken.sql", sql: "CREATE TABLE c (id int8); SELECT nothing_there;")
    let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([first, broken]) }
    #expect(error?.detail == "0002_broken.sql: column \"nothing_there\" does not exist")
    #expect(error?.sqlState == "42703")
    #expect(try await tables == ["a", "aa", "schema_migrations"])
    #expect(try await migrator.migrate([first, second]) == [second])
  }

  @Test func refusesTransactionControl() async throws {
    let sneaky = Migration(number: 1, name: "0001_sneaky.sql", sql: "CREATE TABLE c (id int8); COMMIT;")
    let error = await #expect(throws: PostgresError.self) {
      try await Migrator(configuration, logger: logger).migrate([sneaky])
    }
    #expect(error?.detail == "0001_sneaky.sql: transaction control is not possible in a migration")
  }

  @Test func refusesADatabaseThatIsFurtherUnlessToldOtherwise() async throws {
    try await Migrator(configuration, logger: logger).migrate([first, second])
    let error = await #expect(throws: PostgresError.self) {
      try await Migrator(configuration, logger: logger).migrate([first])
    }
    #expect(error?.detail?.contains("migration 2 (0002_b.sql)") == true)
    #expect(try await Migrator(configuration, logger: logger, allowsNewer: true).migrate([first]).isEmpty)
  }

  @Test func waitsForAnotherOnlySoLong() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      try await pool.transaction { tx in
        try await tx.execute(Query<Void>("test.lock", "SELECT pg_advisory_xact_lock(\(Int64(0x6c61_7463_686b_6579)))"))
        let migrator = Migrator(configuration, logger: logger, lockDeadline: .milliseconds(50))
        let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([first]) }
        #expect(error?.detail == "another program is still migrating the database")
      }
    }
  }

  private static let change = Migration(number: 2, name: "0002_b.sql", sql: "ALTER TABLE a ADD COLUMN name text;")
  private static let waiting = Query<Int64>("test.waiting", "SELECT count(*) FROM pg_locks WHERE NOT granted")
  private static let lock = Query<Void>("test.lock", "LOCK TABLE a IN ACCESS SHARE MODE")
  private static let read = Query<Int64>("test.read", "SELECT id FROM a")

  /// A transaction uses the table, and behind the migration others come who want to read it.
  @Test func letsOthersToATableThatItWaitsFor() async throws {
    let migrator = Migrator(configuration, logger: logger, tableLockTimeout: .milliseconds(50))
    try await migrator.migrate([first])
    try await TestDatabase.current.withPool { pool async throws in
      let migrating = try await pool.transaction { tx in
        try await tx.execute(Self.lock)
        let migrating = Task { try await migrator.migrate([first, Self.change]) }
        for _ in 0..<3 {
          let waits = try await eventually { try await pool.only(Self.waiting) > 0 }
          #expect(waits)
          _ = try await pool.all(Self.read)
        }
        return migrating
      }
      #expect(try await migrating.value == [Self.change])
    }
  }

  @Test func waitsForATableOnlySoLong() async throws {
    let migrator = Migrator(
      configuration, logger: logger, lockDeadline: .milliseconds(100), tableLockTimeout: .milliseconds(10))
    try await migrator.migrate([first])
    try await TestDatabase.current.withPool { pool async throws in
      try await pool.transaction { tx in
        try await tx.execute(Self.lock)
        let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([first, Self.change]) }
        #expect(error?.code == .migration && error?.detail?.contains("0002_b.sql") == true)
      }
    }
    #expect(try await migrator.migrate([first, Self.change]) == [Self.change])
  }
}

struct MigrationPlanTests {
  private static let applied = [
    AppliedMigration(number: 1, name: first.name, checksum: first.checksum),
    AppliedMigration(number: 2, name: second.name, checksum: second.checksum),
  ]

  @Test(arguments: [
    ([second], "0002_b.sql stands where number 1 was expected"),
    ([first, first], "0001_a.sql and 0001_a.sql have the same number"),
    ([second, first], "0002_b.sql stands where number 1 was expected"),
  ])
  func refusesGapsAndDuplicates(migrations: [Migration], detail: String) {
    let error = #expect(throws: PostgresError.self) {
      try MigrationPlan.pending(of: migrations, applied: [], allowsNewer: false)
    }
    #expect(error?.detail == detail)
  }

  @Test func refusesAHoleInWhatWasApplied() {
    let error = #expect(throws: PostgresError.self) {
      try MigrationPlan.pending(of: [first, second], applied: [Self.applied[1]], allowsNewer: false)
    }
    #expect(error?.detail == "0001_a.sql was never applied, although migration 2 was")
  }

  @Test func checksumIsTheFilesOwn() {
    // printf 'SELECT 1;' | sha256sum
    #expect(
      Migration(number: 1, name: "x", sql: "SELECT 1;").checksum
        == "17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a")
  }
}
