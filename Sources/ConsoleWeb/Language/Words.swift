import Synchronization

/// What the pages say in one language, by keys such as `key.create`.
struct Words: Sendable {
  let texts: [String: String]

  private static let all: [Language: Words] = Dictionary(
    uniqueKeysWithValues: Language.allCases.map { language in
      let files = EmbeddedFiles.all.filter { $0.name.hasPrefix("Words/\(language.rawValue)/") }
      return (language, Words(parsing: files.map(\.text).joined(separator: "\n")))
    })

  static func of(_ language: Language) -> Words { all[language]! }

  /// - Parameter text: A line each: a key, ` = ` and what is said; others and those that begin with `#` are left out.
  init(parsing text: String) {
    let lines = text.split(separator: "\n").compactMap { line -> (String, String)? in
      guard !line.hasPrefix("#"), let mark = line.firstRange(of: " = ") else { return nil }
      return (String(line[..<mark.lowerBound]), String(line[mark.upperBound...]))
    }
    texts = Dictionary(uniqueKeysWithValues: lines)
  }

  /// An object's members and, as `…Word`, what is said for those of a few fixed values: `state` is said by `key.state.`
  /// and its value for a `prefix` of `key.`.
  func saying(
    _ prefix: String, _ names: [String] = ["state"], in members: [String: any Sendable]
  ) -> [String: any Sendable] {
    var members = members
    for name in names {
      if let value = members[name] as? String { members[name + "Word"] = self["\(prefix)\(name).\(value)"] }
    }
    return members
  }

  /// What is said under this key; a key that is missing says itself, so that it is seen.
  subscript(key: String) -> String { texts[key] ?? key }

  /// The same with each `{name}` replaced by a value, whose direction is its own.
  subscript(key: String, values: KeyValuePairs<String, String>) -> String {
    // Piece by piece, so that no value is taken for a place of another.
    var said = ""
    var rest = self[key][...]
    while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
      let name = rest[rest.index(after: start)..<end]
      said += rest[..<start] + (values.first { $0.key == name }?.value.isolated ?? String(rest[start...end]))
      rest = rest[rest.index(after: end)...]
    }
    return said + rest
  }

  /// Something and what is said of it, as `Name: it is missing`.
  func labelled(_ label: String, _ text: String) -> String { label.isolated + self["list.colon"] + text.isolated }

  /// Something and what tells it from others, as `Weather (online)`.
  func qualified(_ text: String, _ qualifier: String) -> String {
    text.isolated + self["list.open"] + qualifier.isolated + self["list.close"]
  }

  /// A template with each `[[key]]` replaced by what is said, escaped.
  func filled(into template: String) throws(MissingWords) -> String {
    var filled = ""
    var rest = template[...]
    while let start = rest.firstRange(of: "[["), let end = rest[start.upperBound...].firstRange(of: "]]") {
      let key = String(rest[start.upperBound..<end.lowerBound])
      guard let text = texts[key] else { throw MissingWords(key: key) }
      filled += rest[..<start.lowerBound] + HTMLText().escapeText(text)
      rest = rest[end.upperBound...]
    }
    return filled + rest
  }

  struct MissingWords: Error {
    let key: String
  }
}
