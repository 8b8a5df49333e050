import TestPostgres

@testable import Postgres

/// Statements that a test puts together from the catalogue; in the product there is no way to do so.
enum DynamicSQL {
  /// Each row's one column.
  static func texts(_ text: String) -> Statement<[String]> {
    Statement(name: "test.\(text.hashValue)", sql: SQL(text: text), isStreamed: false) { rows in
      var texts: [String] = []
      while let text = try rows.next({ row in try row.next(String.self) }) { texts.append(text) }
      return texts
    }
  }

  /// A text as a constant in a statement.
  static func constant(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
