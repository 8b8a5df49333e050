import Model
import TestPostgres

@testable import Postgres

/// One statement as it is sent, run beside other tenants' rows and undone: what it finds, what it changes, and whose.
struct StatementTrial: Sendable {
  /// What came of it.
  struct Outcome: Sendable {
    /// Rows as bytes, in no order: a statement that decodes them may not see that there is one too many.
    var rows: [String] = []
    /// How many rows were found or changed; a row that says none counts for none.
    var count = 0
    /// How many rows more or less the tenant has then, by table.
    var own: [String] = []
    /// Whether a row of another tenant is another then.
    var changesStrangers = false
    var error: String?
    /// Whether its rows are the same when it is run once more.
    var isRepeatable = false
  }

  let name: String
  /// Statements that bring about what this one is for.
  let before: [String]
  /// How many it finds or changes; nil for some, which is up to what there is.
  let finds: Int?
  private let login: String
  private let run: @Sendable (Transaction) async throws -> (rows: [String], count: Int)

  /// - Parameter login: whose the statement is.
  init<Result>(
    _ statement: Statement<Result>, as login: String = "latchkey_console", after before: [String] = [],
    finds: Int? = nil
  ) {
    (name, self.before, self.finds, self.login) = (statement.name, before, finds, login)
    let raw = statement.raw
    run = { try await $0.run(raw) }
  }

  /// Runs it for a tenant, on a pool of the superuser's.
  func outcome(for tenant: ID<Tenant>, of tables: [CataloguedTable], on pool: PostgresPool) async throws -> Outcome {
    let (strangers, own) = (Self.strangers(of: tenant, tables), Self.counts(of: tenant, tables))
    let settings: TransactionSettings = ["latchkey.tenant_id": tenant.description]
    do {
      return try await pool.transaction(settings: settings) { transaction -> Outcome in
        for statement in before { _ = try await transaction.run(DynamicSQL.texts(statement)) }
        let (strangersBefore, ownBefore) = try await transaction.batch(
          DynamicSQL.texts(strangers), DynamicSQL.texts(own))
        _ = try await transaction.run(DynamicSQL.texts("SET LOCAL session_replication_role = origin"))
        _ = try await transaction.run(DynamicSQL.texts("SET LOCAL ROLE \(login)"))
        let (rows, count) = try await run(transaction)
        _ = try await transaction.run(DynamicSQL.texts("RESET ROLE"))
        let (strangersAfter, ownAfter) = try await transaction.batch(
          DynamicSQL.texts(strangers), DynamicSQL.texts(own))
        throw Undone(
          outcome: Outcome(
            rows: rows.sorted(), count: count, own: Self.differences(ownBefore, ownAfter),
            changesStrangers: strangersAfter != strangersBefore))
      }
    } catch let undone as Undone {
      return undone.outcome
    } catch let error as PostgresError {
      return Outcome(error: "\(error)")
    }
  }

  private struct Undone: Error {
    let outcome: Outcome
  }

  private static func strangers(of tenant: ID<Tenant>, _ tables: [CataloguedTable]) -> String {
    each(tables) { name, column in
      """
      SELECT concat_ws(' ', '\(name)', md5(string_agg(to_jsonb(r)::text, ',' ORDER BY to_jsonb(r)::text)))
      FROM \(name) r WHERE r.\(column) <> '\(tenant)'
      """
    }
  }

  private static func counts(of tenant: ID<Tenant>, _ tables: [CataloguedTable]) -> String {
    each(tables) { name, column in
      "SELECT concat_ws(' ', '\(name)', count(*)) FROM \(name) r WHERE r.\(column) = '\(tenant)'"
    }
  }

  private static func differences(_ before: [String], _ after: [String]) -> [String] {
    zip(before, after).compactMap { before, after in
      let (old, new) = (before.split(separator: " "), after.split(separator: " "))
      let added = (Int(new[1]) ?? 0) - (Int(old[1]) ?? 0)
      return added == 0 ? nil : "\(new[0]) \(added)"
    }
  }

  private static func each(_ tables: [CataloguedTable], _ select: (String, String) -> String) -> String {
    let parts = tables.compactMap { table in table.tenantColumn.map { select(table.name, $0) } }
    return parts.joined(separator: " UNION ALL ") + " ORDER BY 1"
  }
}

extension Statement {
  /// The same, its rows as they come, whatever is in them.
  fileprivate var raw: Statement<(rows: [String], count: Int)> {
    Statement<(rows: [String], count: Int)>(name: name, sql: sql, isStreamed: false) { reader in
      var rows: [String] = []
      var none = 0
      while let row = try reader.next({ row in try row.hexadecimal() }) {
        rows.append(row)
        if !row.isEmpty, row.allSatisfy({ $0 == "0" }) { none += 1 }
      }
      return (rows, try reader.countAffected() - none)
    }
  }
}

extension Row {
  /// Every column's bytes, by commas.
  fileprivate func hexadecimal() throws -> String {
    var columns: [String] = []
    for column in 0..<columnCount {
      columns.append(isNull(at: column) ? "null" : try withBytes(at: column) { $0.map(\.hexadecimal).joined() })
    }
    return columns.joined(separator: ",")
  }
}

extension UInt8 {
  fileprivate var hexadecimal: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}
