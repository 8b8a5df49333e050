import Contract

/// Keys that are to be imported, one a line: name, value, description and end, as a spreadsheet gives them.
///
/// The columns of a line are parted by tabs or, where no tab parts any, by commas; one in quotation marks may have either
/// in it.
struct ImportTable: Sendable {
  struct Row: Sendable {
    /// From 1.
    let line: Int
    /// As it was typed.
    let text: String
    let columns: [String]

    var name: String { columns.first ?? "" }
  }

  let rows: [Row]

  /// Empty lines are left out, and so is a first one that names the columns.
  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let rows = zip(1..., lines).map { Row(line: $0, text: $1, columns: Self.columns(of: $1)) }
      .filter { row in !row.columns.allSatisfy(\.isEmpty) }
    self.rows = rows.first.map(Self.isHeading) == true ? Array(rows.dropFirst()) : rows
  }

  /// The request that imports them.
  var json: JSONValue { ["items": .array(rows.map(\.json))] }

  private static func isHeading(_ row: Row) -> Bool {
    row.columns.prefix(2).map { $0.lowercased() } == ["name", "value"]
  }

  private static func columns(of line: String) -> [String] {
    let parted = columns(of: line, "\t")
    return parted.count > 1 ? parted : columns(of: line, ",")
  }

  /// RFC 4180 for one line; blanks around a column are none of it.
  private static func columns(of line: String, _ separator: Character) -> [String] {
    var columns: [String] = []
    var column = ""
    var isQuoted = false
    var rest = line[...]
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        column.append(character)
        rest.removeFirst()
      case "\"" where isQuoted || column.allSatisfy(\.isWhitespace): isQuoted.toggle()
      case separator where !isQuoted:
        columns.append(column.trimmed)
        column = ""
      default: column.append(character)
      }
    }
    return columns + [column.trimmed]
  }
}

extension ImportTable.Row {
  fileprivate var json: JSONValue {
    let names = ["name", "value", "description", "expiresAt"]
    var members = zip(names, columns).filter { name, text in !text.isEmpty || name == "name" || name == "value" }
      .map { name, text in JSONValue.Member(name, .string(name == "expiresAt" ? Self.time(text) : text)) }
    // So that who puts a comma too many is told, and no column is lost.
    if columns.count > names.count { members.append(.init("column \(names.count + 1)", "")) }
    return .object(members)
  }

  /// A day, or a time of it, in UTC.
  private static func time(_ text: String) -> String {
    let time = text.replacing(" ", with: "T")
    switch time.count {
    case 10: return time + "T00:00:00Z"
    case 16: return time + ":00Z"
    case 19: return time + "Z"
    default: return time
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    let text = drop(while: \.isWhitespace)
    return String(text.prefix(text.count - text.reversed().prefix(while: \.isWhitespace).count))
  }
}
