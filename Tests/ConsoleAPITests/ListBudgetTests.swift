import Contract
import Foundation
import Logging
import Model
import Store
import TestPostgres
import Testing

@testable import Postgres

/// A page costs what is on it, however much the tenant has and whatever the list is filtered by: as many blocks as the
/// budget says, under row-level security, planned for its parameters and planned once for all.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct ListBudgetTests {
  @Test func readsNoMoreThanAPage() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.owner(of: "initech")
      try await LargeTenant(owner: owner, other: other).fill(TestDatabase.current)
      for budget in LargeTenant(owner: owner, other: other).budgets {
        let blocks = try await budget.blocks()
        #expect(blocks.max() ?? 0 <= budget.limit, "\(budget.name): \(blocks) blocks")
      }
    }
  }

  /// A list is a statement that takes a limit, and its name says so; each has budgets, or stands here with the reason.
  @Test func budgetsEveryList() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Store")
    var lists: Set<String> = []
    for case let file as URL in FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)!
    where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      let names = text.matches(of: /"([a-z_]+\.list[a-z_]*)"/).map { String($0.1) }
      let limited = text.matches(of: /LIMIT \\\((limit|rows)\)/).count
      #expect(limited <= names.count, "a list in \(file.lastPathComponent) is not named one")
      lists.formUnion(names)
    }
    let caller = Caller(tenant: .random(), account: .random(), token: "")
    let budgeted = LargeTenant(owner: caller, other: caller).budgets.map { budget in
      budget.name.split(separator: ".").prefix(2).joined(separator: ".")
    }
    #expect(
      lists.subtracting(budgeted) == [
        // All of one draft, which an import needs.
        "api_import.list",
        // A tenant has a hundred, unless its quota was raised.
        "domain.list",
        // A job's and an operator's, over all tenants; the gateways are few.
        "seal.list_backend_headers", "operated_tenant.list", "operated_domain.list", "gateway_node.list",
      ])
  }
}

/// What a statement may read.
struct ListBudget: Sendable {
  let name: String
  let limit: Int
  /// How many blocks it touches when it is planned for its parameters, and when for any.
  let blocks: @Sendable () async throws -> [Int]

  init<Result>(_ limit: Int, _ statement: Statement<Result>, as caller: Caller) {
    (name, self.limit) = (statement.name, limit)
    blocks = { [sql = statement.sql] in
      var configuration = TestDatabase.current.configuration.replacing(user: "latchkey_console")
      configuration.maximumConnections = 1
      return try await PostgresPool.withPool(configuration, logger: Logger(label: "test")) { pool in
        let explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
        let direct = Query<String>("test.explain", SQL(text: explain + sql.text, parameters: sql.parameters))
        let prepare = Query<Void>("test.prepare", SQL(text: "PREPARE listed \(sql.declaration) AS " + sql.text))
        let execute = Query<String>("test.execute", SQL(text: explain + "EXECUTE listed \(sql.literals)"))
        let (own, _, generic) = try await pool.pipeline(
          settings: ["latchkey.tenant_id": caller.tenant.description, "plan_cache_mode": "force_generic_plan"],
          direct.only, prepare.affected, execute.only)
        return try [own, generic].map(Self.blocks)
      }
    }
  }

  private static func blocks(of plan: String) throws -> Int {
    // Each join of a plan is nested in the one around it.
    let json = try Array(plan.utf8).withUnsafeBytes { try JSONValue(parsing: $0, maximumDepth: 1_000) }
    let root = json.elements?.first?["Plan"]
    guard case .integer(let hit) = root?["Shared Hit Blocks"], case .integer(let read) = root?["Shared Read Blocks"]
    else { throw CocoaError(.coderReadCorrupt) }
    return hit + read
  }
}

extension SQL {
  /// The parameters' types, as PREPARE takes them.
  fileprivate var declaration: String {
    list(parameters.map { Self.names[$0.type] ?? "unknown" })
  }

  /// The parameters' values, as EXECUTE takes them.
  fileprivate var literals: String {
    list(
      parameters.map { parameter in
        switch (parameter.value, parameter.type) {
        case (.text(let bytes), _):
          "'" + String(decoding: bytes.dropLast(), as: UTF8.self).replacing("'", with: "''") + "'"
        case (.binary(let bytes), .int8): "\(bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) })"
        case (.binary(let bytes), .timestamptz):
          "timestamptz '2000-01-01 00:00Z' + \(bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }) * interval '1 microsecond'"
        case (.binary(let bytes), .bool): bytes == [0] ? "false" : "true"
        case (.binary(let bytes), .textArray): Self.array(bytes) { String(decoding: $0, as: UTF8.self) }
        case (.binary(let bytes), .int2Array): Self.array(bytes) { "\($0.reduce(0) { $0 << 8 | Int($1) })" }
        case (.binary(let bytes), .bytea): "'\\x" + bytes.map { String(format: "%02x", $0) }.joined() + "'"
        default: "NULL"
        }
      })
  }

  /// The text of an array that is as the server has it: three words, two for its one dimension, and its elements' lengths
  /// and bytes.
  private static func array(_ bytes: [UInt8], _ element: (ArraySlice<UInt8>) -> String) -> String {
    var (rest, elements) = (bytes.dropFirst(20), [String]())
    while !rest.isEmpty {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      elements.append("\"\(element(rest.dropFirst(4).prefix(length)))\"")
      rest = rest.dropFirst(4 + length)
    }
    return "'{\(elements.joined(separator: ","))}'"
  }

  private func list(_ parts: [String]) -> String { parts.isEmpty ? "" : "(" + parts.joined(separator: ", ") + ")" }

  private static let names: [PostgresType: String] = [
    .bool: "boolean", .int8: "bigint", .timestamptz: "timestamptz", .bytea: "bytea", .textArray: "text[]",
    .int2Array: "smallint[]",
  ]
}
