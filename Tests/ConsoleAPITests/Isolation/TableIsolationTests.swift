import Model
import Postgres
import TestPostgres
import Testing

/// Row-level security beneath the code, for every table that the catalogue has.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct TableIsolationTests {
  /// How the tenant can be set that a transaction acts for.
  private static func settings(_ name: String, _ twins: Twins) -> TransactionSettings {
    switch name {
    case "another": ["latchkey.tenant_id": twins.acme.tenant.description]
    case "empty": ["latchkey.tenant_id": ""]
    default: .none
    }
  }

  @Test(arguments: ["another", "empty", "none"])
  func answersTheConsoleNoRowOfAnotherAndTakesNone(setting: String) async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      for table in try await Catalogue.tables() {
        guard let column = table.tenantColumn else { continue }
        try await expectRows(table, twins)
        let tries = try await Self.tries(at: table, column, of: twins, everywhere: setting != "another")
        let outcomes = try await Probe.outcomes(of: tries, as: "latchkey_console", Self.settings(setting, twins))
        for (statement, outcome) in zip(tries, outcomes) {
          let mayFindNothing = !statement.hasPrefix("INSERT") && !statement.hasPrefix("TRUNCATE")
          #expect(outcome == "42501" || mayFindNothing && outcome == "0", "\(statement)")
        }
      }
    }
  }

  /// A row that the console makes its own tenant's is not given to another, whatever column it may write.
  @Test func givesNoRowAway() async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      for table in try await Catalogue.tables() {
        guard let column = table.tenantColumn else { continue }
        let statement = "UPDATE \(table.name) SET \(column) = '\(twins.globex.tenant)'"
        let outcomes = try await Probe.outcomes(
          of: [statement], as: "latchkey_console", Self.settings("another", twins))
        #expect(outcomes == ["42501"], "\(statement)")
      }
    }
  }

  @Test(arguments: ["another", "empty", "none"])
  func takesNothingFromTheGatewayButLastUse(setting: String) async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      for table in try await Catalogue.tables() {
        guard let column = table.tenantColumn else { continue }
        let tries = try await Self.tries(at: table, column, of: twins, everywhere: true).filter {
          !$0.hasPrefix("SELECT") && !$0.hasPrefix("UPDATE subscription_secrets SET last_used_at")
        }
        let outcomes = try await Probe.outcomes(of: tries, as: "latchkey_gateway", Self.settings(setting, twins))
        for (statement, outcome) in zip(tries, outcomes) { #expect(outcome == "42501", "\(statement)") }
      }
    }
  }

  /// Without a row of both tenants, nothing that is found or refused would mean anything.
  private func expectRows(_ table: CataloguedTable, _ twins: Twins) async throws {
    for tenant in [twins.acme.tenant, twins.globex.tenant] {
      let found = try await TestDatabase.current.withPool(user: "latchkey_owner") { pool in
        try await pool.run(
          DynamicSQL.texts("SELECT 'x' FROM \(table.name) WHERE \(table.tenantColumn ?? "") = '\(tenant)'"))
      }
      #expect(!found.isEmpty, "Harness.things makes nothing that has a row in \(table.name)")
    }
  }

  /// Every way to see or change the other tenant's rows of a table; `everywhere`, also without naming the tenant.
  private static func tries(
    at table: CataloguedTable, _ column: String, of twins: Twins, everywhere: Bool
  ) async throws -> [String] {
    let columns = try await Catalogue.columns(of: table)
    let writable = try await Catalogue.texts(
      """
      SELECT attname::text FROM pg_attribute
      WHERE attrelid = '\(table.name)'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND has_column_privilege('latchkey_console', attrelid, attnum, 'INSERT')
      """)
    let list = (writable.isEmpty ? columns : writable).joined(separator: ", ")
    let row = try await Catalogue.texts(
      "SELECT to_jsonb(r)::text FROM \(table.name) r WHERE \(column) = '\(twins.globex.tenant)' LIMIT 1")
    let condition = " WHERE \(column) = '\(twins.globex.tenant)'"
    var tries = [
      "INSERT INTO \(table.name) (\(list)) SELECT \(list) FROM jsonb_populate_record(NULL::\(table.name), "
        + DynamicSQL.constant(row.first ?? "{}") + ")",
      "TRUNCATE \(table.name) CASCADE",
    ]
    for condition in everywhere ? [condition, ""] : [condition] {
      tries.append("SELECT FROM \(table.name)" + condition)
      tries.append("DELETE FROM \(table.name)" + condition)
      for name in columns { tries.append("UPDATE \(table.name) SET \(name) = \(name)" + condition) }
    }
    return tries
  }
}
