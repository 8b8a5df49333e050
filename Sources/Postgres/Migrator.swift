package import Logging

/// Brings a database's schema up to date.
///
/// It holds a session-level advisory lock meanwhile, so that of several programs starting at once one applies and the
/// others find it done. Each migration is one transaction together with its row in `schema_migrations`.
package struct Migrator: Sendable {
  private let configuration: PostgresConfiguration
  private let logger: Logger
  private let lockDeadline, tableLockTimeout: Duration
  private let allowsNewer: Bool

  /// - Parameters:
  ///   - configuration: of the login that owns the schema. Its statement timeout does not apply.
  ///   - lockDeadline: how long to wait for another program's migrations, and for those who use a migration's tables.
  ///   - tableLockTimeout: how long to wait for a table in one go.
  ///   - allowsNewer: whether a database with migrations beyond ours is fine.
  package init(
    _ configuration: PostgresConfiguration, logger: Logger, lockDeadline: Duration = .seconds(60),
    tableLockTimeout: Duration = .seconds(2), allowsNewer: Bool = false
  ) {
    var configuration = configuration
    configuration.statementTimeout = nil
    self.configuration = configuration
    self.logger = logger
    (self.lockDeadline, self.tableLockTimeout) = (lockDeadline, tableLockTimeout)
    self.allowsNewer = allowsNewer
  }

  /// Applies those of `migrations`, ordered by number, that the database does not have.
  ///
  /// - Returns: the ones it applied.
  /// - Throws: ``PostgresError``; with code `migration`, and the file's name, where the files and the database do not
  ///   fit together, or one fails. Those before it stay applied.
  @discardableResult
  package func migrate(_ migrations: [Migration]) async throws -> [Migration] {
    // What is wrong with the files alone is known without a database.
    _ = try MigrationPlan.pending(of: migrations, applied: [], allowsNewer: allowsNewer)
    return try await DedicatedConnection.with(configuration) { connection, _ in
      try await lock(connection)
      let applied = try await applied(connection)
      let pending = try MigrationPlan.pending(of: migrations, applied: applied, allowsNewer: allowsNewer)
      for migration in pending {
        try await apply(migration, connection)
        logger.info("applied migration", metadata: ["migration": "\(migration.name)"])
      }
      return pending
    }
  }

  private func lock(_ connection: ConnectionThread) async throws {
    do {
      try await connection.perform(timeout: lockDeadline + configuration.responseGrace) { [lockDeadline] session in
        try session.run(SQLScript("SET lock_timeout = \(lockDeadline.wholeMilliseconds)"))
        _ = try session.exchange { try $0.answer(to: Self.advisoryLock.affected) }
        try session.run(SQLScript("RESET lock_timeout"))
      }
    } catch let error as PostgresError where error.sqlState == "55P03" {
      throw PostgresError(
        .migration, query: error.query, server: error.server, detail: "another program is still migrating the database")
    }
  }

  private func applied(_ connection: ConnectionThread) async throws -> [AppliedMigration] {
    try await connection.perform(timeout: nil) { session in
      try session.run(Self.table)
      return try session.exchange { try $0.answer(to: Self.appliedMigrations.all) }
    }
  }

  /// Whoever comes to a table queues up behind who waits for it; so a table that is not to be had soon is let go, and asked
  /// for again after the others.
  private func apply(_ migration: Migration, _ connection: ConnectionThread) async throws {
    let end = ContinuousClock.now + lockDeadline
    do {
      while true {
        do {
          return try await connection.perform(timeout: nil) { [tableLockTimeout] session in
            try session.apply(migration, tableLockTimeout: tableLockTimeout)
          }
        } catch let error as PostgresError where error.sqlState == "55P03" && ContinuousClock.now < end {
          try await Task.sleep(for: tableLockTimeout)
        }
      }
    } catch let error as PostgresError {
      throw PostgresError(
        .migration, server: error.server,
        detail: [migration.name, error.detail].compactMap(\.self).joined(separator: ": "))
    }
  }
}

// MARK: - Statements

extension Migrator {
  /// The advisory lock's key: "latchkey" in ASCII, read as one number.
  private static let lockKey: Int64 = 0x6c61_7463_686b_6579

  private static let advisoryLock = Query<Void>("postgres.migration_lock", "SELECT pg_advisory_lock(\(lockKey))")

  /// Asked for first, since creating what exists would need the right to create.
  private static let table = SQLScript(
    """
    DO $$ BEGIN
      IF to_regclass('schema_migrations') IS NULL THEN
        CREATE TABLE schema_migrations (
          number integer CONSTRAINT schema_migrations_pkey PRIMARY KEY,
          name text NOT NULL,
          checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now()
        );
      END IF;
    END $$
    """)

  private static let appliedMigrations = Query<AppliedMigration>(
    "postgres.applied_migrations", "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
  ) { row in
    try AppliedMigration(number: row.next(), name: row.next(), checksum: row.next())
  }

  fileprivate static func record(_ migration: Migration) -> Query<Void> {
    Query(
      "postgres.record_migration",
      """
      INSERT INTO schema_migrations (number, name, checksum)
      VALUES (\(Int32(migration.number)), \(migration.name), \(migration.checksum))
      """)
  }
}

extension Session {
  fileprivate func apply(_ migration: Migration, tableLockTimeout: Duration) throws {
    defer { rollback() }
    _ = try exchange { try $0.answer(to: ControlStatement.begin(TransactionOptions())) }
    try run(SQLScript("SET LOCAL lock_timeout = \(tableLockTimeout.wholeMilliseconds)"))
    try run(SQLScript(migration.sql))
    guard isInTransaction else {
      throw PostgresError(.protocolViolation, detail: "transaction control is not possible in a migration")
    }
    try exchange { session in
      try session.send(Migrator.record(migration).affected)
      try session.send(ControlStatement.commit)
      try session.sync()
    }
  }
}
