import TestPostgres
import Testing

@testable import Postgres

@Suite(.database)
struct ErrorTests {
  /// Statements whose errors quote the value in the server's message, detail or context.
  private static let canary = "canary4711"
  private static let queries: [Query<Void>] = [
    Query("e.cast", "SELECT \(canary)::text::int"),
    Query("e.infer", "SELECT \(canary)::int"),
    Query("e.json", "SELECT \(canary)::jsonb"),
    Query("e.unique", "INSERT INTO t (name) SELECT \(canary)::text FROM generate_series(1, 2)"),
    Query("e.check", "INSERT INTO t (name, size) VALUES (\(canary), 0)"),
    Query("e.null", "INSERT INTO t (name, size) VALUES (\(canary), NULL)"),
    Query("e.raise", "SELECT complain(\(canary))"),
    Query("e.nul", "SELECT \(canary + "\0")::text"),
  ]

  @Test func neverCarriesABoundValue() async throws {
    let database = TestDatabase.current
    try await SQLScript(
      """
      CREATE TABLE t (name text CONSTRAINT t_name_key UNIQUE, size int NOT NULL DEFAULT 1 CONSTRAINT t_size CHECK (size > 0));
      CREATE FUNCTION complain(value text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no %', value USING ERRCODE = 'LK001', DETAIL = value, HINT = value; END $$;
      """
    ).run(on: database.configuration)
    try await database.withPool { pool async throws in
      for query in Self.queries {
        let error = await #expect(throws: PostgresError.self) { try await pool.execute(query) }
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!dumped.contains(Self.canary), "\(query.name)")
        #expect(error?.description.contains(Self.canary) == false, "\(query.name)")
        #expect(error?.query == query.name)
      }
    }
  }

  @Test func keepsWhatACallerDecidesBy() async throws {
    let database = TestDatabase.current
    try await SQLScript("CREATE TABLE t (name text CONSTRAINT t_name_key UNIQUE)").run(on: database.configuration)
    try await database.withPool { pool async throws in
      let insert = Query<Void>("e.insert", "INSERT INTO t (name) VALUES (\("x"))")
      try await pool.execute(insert)
      let error = await #expect(throws: PostgresError.self) { try await pool.execute(insert) }
      #expect(error?.isUniqueViolation == true)
      #expect(error?.isUnavailable == false)
      #expect(
        error?.description
          == "server: in e.insert: 23505 unique_violation: constraint t_name_key: table t")
    }
  }

  @Test(arguments: [
    "08006", "57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "25006", "57014", "58030",
  ])
  func knowsWhenTheDatabaseIsUnavailable(sqlState: String) {
    let report = PostgresError.ServerReport(
      sqlState: sqlState, schema: nil, table: nil, column: nil, constraint: nil)
    #expect(PostgresError(.server, server: report).isUnavailable)
  }
}
