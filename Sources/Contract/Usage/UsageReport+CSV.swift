package import Model

/// Usage as comma-separated values (RFC 4180), for spreadsheets.
extension UsageReport.Row {
  /// The names of the columns, and a line for each row.
  package static func csv(_ rows: [UsageReport.Row]) -> String {
    let columns = shape.schema.columns
    let lines = rows.map { row in
      let json = shape.json(row)
      return columns.map { CSV.field(json.value(at: $0)) }.joined(separator: ",")
    }
    return ([columns.map { $0.joined(separator: ".") }.joined(separator: ",")] + lines).map { $0 + "\r\n" }.joined()
  }
}

private enum CSV {
  static func field(_ json: JSONValue?) -> String {
    switch json {
    case .string(let text): quoted(text)
    case .integer(let number): String(number)
    case .number(let text): text
    default: ""
    }
  }

  /// A name that a spreadsheet would take for a formula is one no more.
  private static func quoted(_ text: String) -> String {
    let inert = text.first.map { "=+-@\t\r".contains($0) } ?? false ? "'" + text : text
    guard inert.contains(where: { ",\"\r\n".contains($0) }) || inert.contains("\r\n") else { return inert }
    return "\"\(inert.replacing("\"", with: "\"\""))\""
  }
}

extension JSONSchema {
  /// The ways to all of an object's values, those of objects in it too.
  fileprivate var columns: [[String]] {
    guard let members else { return [[]] }
    return members.flatMap { member in member.schema.columns.map { [member.name] + $0 } }
  }
}

extension JSONValue {
  fileprivate func value(at path: [String]) -> JSONValue? {
    path.reduce(Optional(self)) { $0?[$1] }
  }
}
