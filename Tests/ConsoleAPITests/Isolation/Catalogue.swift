import Postgres
import TestPostgres

/// A table as the catalogue has it.
struct CataloguedTable: Sendable {
  let name: String
  /// The column by which it is isolated; nil for a table that is nobody's.
  let tenantColumn: String?
}

/// What the test's database says of itself, to its superuser.
enum Catalogue {
  /// Every table, those first that are some tenant's.
  static func tables() async throws -> [CataloguedTable] {
    let rows = try await texts(
      """
      SELECT concat_ws(' ', c.relname, (
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = c.oid AND NOT a.attisdropped AND EXISTS (
          SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')
          AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END))
      FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      ORDER BY c.relname
      """)
    return rows.map { row in
      let words = row.split(separator: " ").map(String.init)
      return CataloguedTable(name: words[0], tenantColumn: words.dropFirst().first)
    }
  }

  /// A table's columns, without those that are made of others.
  static func columns(of table: CataloguedTable) async throws -> [String] {
    try await texts(
      """
      SELECT attname::text FROM pg_attribute
      WHERE attrelid = '\(table.name)'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      """)
  }

  /// Asks the catalogue something; each row's one column.
  static func texts(_ question: String) async throws -> [String] {
    try await TestDatabase.current.withPool { try await $0.run(DynamicSQL.texts(question)) }
  }

  /// Stops the ledger of limits at a moment.
  static func setLedgerTime(_ moment: String) async throws {
    try await run(
      """
      CREATE OR REPLACE FUNCTION ledger_time() RETURNS timestamptz
        LANGUAGE sql VOLATILE
        RETURN '\(moment)'::timestamptz
      """)
  }

  /// Runs statements as the superuser.
  static func run(_ script: String) async throws {
    try await SQLScript(script).run(on: TestDatabase.current.configuration)
  }
}
