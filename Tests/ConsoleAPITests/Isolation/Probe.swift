import Model
import Postgres
import TestPostgres

/// Statements that are tried as a login and undone in any case.
enum Probe {
  /// What the test's database needs for it.
  static func prepare() async throws {
    try await Catalogue.run(
      """
      CREATE SCHEMA probe;
      GRANT USAGE ON SCHEMA probe TO PUBLIC;
      CREATE FUNCTION probe.outcome(statement text) RETURNS text
        LANGUAGE plpgsql
      AS $$
      DECLARE
        touched bigint;
      BEGIN
        EXECUTE statement;
        GET DIAGNOSTICS touched = ROW_COUNT;
        RAISE EXCEPTION USING ERRCODE = 'LK000', MESSAGE = touched::text;
      EXCEPTION
        WHEN SQLSTATE 'LK000' THEN RETURN SQLERRM;
        WHEN OTHERS THEN RETURN SQLSTATE;
      END
      $$;
      """)
  }

  /// What comes of each statement: how many rows it found or touched, or the SQLSTATE by which it was refused.
  static func outcomes(
    of statements: [String], as login: String, _ settings: TransactionSettings = .none
  ) async throws -> [String] {
    let list = statements.map(DynamicSQL.constant).joined(separator: ", ")
    return try await TestDatabase.current.withPool(user: login) { pool in
      try await pool.pipeline(
        settings: settings,
        DynamicSQL.texts(
          """
          SELECT probe.outcome(t.statement)
          FROM unnest(ARRAY[\(list)]::text[]) WITH ORDINALITY AS t (statement, place)
          ORDER BY t.place
          """))
    }
  }
}
