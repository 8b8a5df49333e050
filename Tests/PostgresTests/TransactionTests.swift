import TestPostgres
import Testing

@testable import Postgres

/// A table with one constraint of each kind, checked at once and at the commit.
private let schema = Migration(
  number: 1, name: "0001_things.sql",
  sql: """
    CREATE TABLE things (
      id int8 CONSTRAINT things_pkey PRIMARY KEY,
      parent int8 CONSTRAINT things_parent_fkey REFERENCES things DEFERRABLE INITIALLY DEFERRED,
      name text CONSTRAINT things_name_check CHECK (name <> 'bad')
    );
    CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER rest AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.id > 1000) EXECUTE FUNCTION rest();
    """)

private func insert(_ id: Int, parent: Int? = nil, name: String = "good") -> Query<Int> {
  Query("thing.insert", "INSERT INTO things (id, parent, name) VALUES (\(id), \(parent), \(name)) RETURNING id")
}

private let ids = Query<Int>("thing.ids", "SELECT id FROM things ORDER BY id")
private let tenant = Query<String?>("setting.tenant", "SELECT current_setting('latchkey.tenant_id', true)")

private struct Abandoned: Error {}

@Suite(.database(key: "things", migrations: [schema]))
struct TransactionTests {
  @Test func commitsWhatItsBodyDid() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let value = try await pool.transaction { tx in
        let (one, two, ids) = try await tx.batch(insert(1).only, insert(2).affected, ids.all)
        #expect(ids == [1, 2])
        return one + two
      }
      #expect(value == 2)
      #expect(try await pool.all(ids) == [1, 2])
    }
  }

  /// The server counts no time while it commits; so what is deferred is done before.
  @Test func knowsThatWhatIsDeferredTookTooLongAndWasNotDone() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let hasty = TransactionOptions(timeout: .milliseconds(100))
      for attempt in [
        { try await pool.pipeline(hasty, insert(1_001).affected) },
        { try await pool.transaction(hasty) { try await $0.run(insert(1_001).affected) } },
      ] as [@Sendable () async throws -> Int] {
        let error = await #expect(throws: PostgresError.self) { _ = try await attempt() }
        #expect(error?.isOutcomeUnknown == false)
        #expect(error?.isStatementTimeout == true)
      }
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func givesWhatItExtendsItsTimeForThatTime() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let shown = try await pool.transaction(TransactionOptions(timeout: .seconds(2))) { tx in
        try await tx.extend(timeout: .seconds(60))
        return try await tx.run(Query<String>("setting.timeout", "SELECT current_setting('statement_timeout')").only)
      }
      #expect(shown == "1min")
      let after = try await pool.all(Query<String>("setting.timeout", "SELECT current_setting('statement_timeout')"))
      #expect(after != ["1min"])
    }
  }

  @Test func rollsBackWhatThrows() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      await #expect(throws: Abandoned.self) {
        try await pool.transaction { tx in
          try await tx.execute(insert(1))
          throw Abandoned()
        }
      }
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func doesNotCommitAfterAnErrorThatWasCaught() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let error = await #expect(throws: PostgresError.self) {
        try await pool.transaction { tx in
          try await tx.execute(insert(1))
          _ = try? await tx.execute(insert(2, name: "bad"))
        }
      }
      #expect(error?.constraint == "things_name_check")
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func pipelinesAWholeTransaction() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let (one, seen, all) = try await pool.pipeline(
        settings: ["latchkey.tenant_id": "ten_1"], insert(1).only, tenant.only, ids.all)
      #expect(one == 1)
      #expect(seen == "ten_1")
      #expect(all == [1])
      let alone = try await pool.pipeline(ids.first)
      #expect(alone == 1)
    }
  }

  @Test(arguments: [0, 1, 2])
  func pipelinedTransactionIsAllOrNothing(position: Int) async throws {
    try await TestDatabase.current.withPool { pool async throws in
      var names = ["good", "good", "good"]
      names[position] = "bad"
      let error = await #expect(throws: PostgresError.self) {
        try await pool.pipeline(
          insert(1, name: names[0]).only, insert(2, name: names[1]).only, insert(3, name: names[2]).only)
      }
      #expect(error?.code == .server)
      #expect(error?.query == "thing.insert")
      #expect(error?.constraint == "things_name_check")
      #expect(error?.server?.table == "things")
      #expect(error?.isCheckViolation == true)
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func namesTheStatementThatFailed() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let broken = Query<Int>("thing.broken", "SELECT no_such_column FROM things")
      let error = await #expect(throws: PostgresError.self) {
        try await pool.pipeline(insert(1).only, broken.all, ids.all)
      }
      #expect(error?.query == "thing.broken")
      #expect(error?.server?.condition == "undefined_column")
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func reportsWhatTheCommitRefuses() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let pipelined = await #expect(throws: PostgresError.self) { try await pool.pipeline(insert(1, parent: 9).only) }
      #expect(pipelined?.query == "postgres.constraints")
      #expect(pipelined?.constraint == "things_parent_fkey")
      let interactive = await #expect(throws: PostgresError.self) {
        try await pool.transaction { tx in try await tx.execute(insert(1, parent: 9)) }
      }
      #expect(interactive?.isForeignKeyViolation == true)
      #expect(interactive?.isOutcomeUnknown == false)
      #expect(try await pool.all(ids).isEmpty)
    }
  }

  @Test func neverCarriesASettingIntoTheNextTransaction() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      for round in 0..<20 {
        let settings: TransactionSettings = ["latchkey.tenant_id": "ten_\(round)"]
        switch round % 4 {
        case 0:
          let seen = try await pool.pipeline(settings: settings, tenant.only)
          #expect(seen == "ten_\(round)")
        case 1: _ = try? await pool.pipeline(settings: settings, insert(1, name: "bad").only)
        case 2:
          try await pool.transaction(settings: settings) { tx async throws in
            #expect(try await tx.only(tenant) == "ten_\(round)")
          }
        default:
          try? await pool.transaction(settings: settings) { tx async throws in
            try await tx.execute(tenant)
            throw Abandoned()
          }
        }
        #expect((try await pool.only(tenant) ?? "").isEmpty)
        let pipelined = try await pool.pipeline(tenant.only)
        #expect(pipelined?.isEmpty != false)
      }
    }
  }

  @Test func doesNotReuseAConnectionWhoseSessionWasAltered() async throws {
    try await TestDatabase.current.withPool(maximumConnections: 1) { pool async throws in
      let pid = Query<Int>("backend.pid", "SELECT pg_backend_pid()")
      let before = try await pool.only(pid)
      try await pool.execute(
        Query<Void>("setting.leak", "SELECT set_config('latchkey.tenant_id', \("ten_leak"), false)"))
      #expect((try await pool.only(tenant) ?? "").isEmpty)
      #expect(try await pool.only(pid) != before)
    }
  }

  @Test func keepsItsOptions() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let settings = Query<[String]>(
        "setting.transaction",
        """
        SELECT ARRAY[current_setting('transaction_isolation'), current_setting('transaction_read_only'),
          current_setting('statement_timeout')]
        """)
      let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true, timeout: .milliseconds(1234))
      let chosen = try await pool.pipeline(options, settings.only)
      #expect(chosen == ["repeatable read", "on", "1234ms"])
      let usual = try await pool.pipeline(settings.only)
      #expect(usual == ["read committed", "off", "30s"])
      let error = await #expect(throws: PostgresError.self) {
        try await pool.transaction(.readOnly) { tx in try await tx.execute(insert(1)) }
      }
      #expect(error?.sqlState == "25006")
    }
  }

  @Test func reportsASerializationFailure() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      try await pool.execute(insert(1))
      let rename = Query<Void>("thing.rename", "UPDATE things SET name = name || '!' WHERE id = 1")
      let error = await #expect(throws: PostgresError.self) {
        try await pool.transaction(TransactionOptions(isolation: .repeatableRead)) { tx in
          _ = try await tx.all(ids)
          try await pool.execute(rename)
          try await tx.execute(rename)
        }
      }
      #expect(error?.isSerializationFailure == true)
    }
  }

  @Test func refusesUseAfterItsEnd() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let escaped = try await pool.transaction { tx in
        try await tx.execute(insert(1))
        return tx
      }
      let error = await #expect(throws: PostgresError.self) { try await escaped.execute(insert(2)) }
      #expect(error?.code == .transactionEnded)
      #expect(try await pool.all(ids) == [1])
    }
  }

  @Test func takesStatementsFromSeveralTasks() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      try await pool.transaction { tx in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for id in 1...20 { group.addTask { try await tx.execute(insert(id)) } }
          try await group.waitForAll()
        }
      }
      #expect(try await pool.all(ids) == Array(1...20))
    }
  }

  @Test func tellsThatARowIsMissing() async throws {
    try await TestDatabase.current.withPool { pool async throws in
      let none = Query<Int>("thing.none", "SELECT id FROM things WHERE false")
      #expect(try await pool.first(none) == nil)
      let error = await #expect(throws: PostgresError.self) { try await pool.only(none) }
      #expect(error == PostgresError(.noRows, query: "thing.none"))
      // In an interactive transaction a missing row undoes the rest.
      _ = try? await pool.transaction { tx in try await tx.batch(insert(1).affected, none.only) }
      #expect(try await pool.all(ids).isEmpty)
    }
  }
}
