import CLibPQ

/// A libpq connection string taken apart into its parameters.
///
/// Parsing is libpq's one call outside of a connection's thread: it looks at the text and at nothing else.
struct ConnectionString: Sendable {
  private var values: [String: String]

  init(_ text: String) throws(PostgresError) {
    var message: UnsafeMutablePointer<CChar>?
    guard !text.utf8.contains(0), let options = PQconninfoParse(text, &message) else {
      PQfreemem(message)
      throw PostgresError(.configuration, detail: "the connection string is malformed")
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    // An unescaped "@" in a password makes the rest of it a host name, which error messages would show.
    // (A leading "@" is an abstract socket.)
    guard values["host"]?.dropFirst().contains("@") != true, values["port"]?.contains("@") != true else {
      throw PostgresError(.configuration, detail: "a host contains @; in a password, write it as %40")
    }
    self.values = values
  }

  subscript(keyword: String) -> String? {
    get { values[keyword] }
    set { values[keyword] = newValue }
  }

  /// Calls `body` with null-terminated lists of keywords and values, ours where the string has none of its own.
  func withParameters<Value>(
    defaults: [String: String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
  ) -> Value {
    let all = defaults.merging(values) { _, own in own }.sorted { $0.key < $1.key }
    return withCStrings(all.map(\.key)) { keywords in
      withCStrings(all.map(\.value)) { values in body(keywords, values) }
    }
  }
}

extension ConnectionString: CustomStringConvertible {
  /// A list of what is shown, so that nothing secret is shown when libpq learns a new parameter.
  private static let shown = [
    "host", "hostaddr", "port", "dbname", "user", "service", "sslmode", "target_session_attrs",
  ]

  var description: String {
    ConnectionString.shown.compactMap { key in self[key].map { "\(key)=\($0)" } }.joined(separator: " ")
  }
}

/// Lends strings as C's null-terminated list of C strings.
func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
  let copies = strings.map { Array($0.utf8CString) }
  let offsets = copies.reduce(into: [0]) { offsets, copy in offsets.append(offsets[offsets.count - 1] + copy.count) }
  return Array(copies.joined()).withUnsafeBufferPointer { characters in
    var pointers: [UnsafePointer<CChar>?] = offsets.dropLast().map { characters.baseAddress! + $0 }
    pointers.append(nil)
    return body(pointers)
  }
}
