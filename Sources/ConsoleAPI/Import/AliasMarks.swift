import Yams

/// Aliases of a YAML text as plain texts: the asterisk of each is another character, which the text has not.
struct AliasMarks {
  /// One that YAML allows in plain texts (of the private use area).
  private let mark: Unicode.Scalar

  /// `nil` for a text that has all of them.
  init?(in text: String) {
    var used: Set<UInt32> = []
    for scalar in text.unicodeScalars where (0xE000...0xF8FF).contains(scalar.value) { used.insert(scalar.value) }
    guard let free = (0xE000...0xF8FF as ClosedRange<UInt32>).first(where: { !used.contains($0) }),
      let mark = Unicode.Scalar(free)
    else { return nil }
    self.mark = mark
  }

  /// The text with a mark for each asterisk that may begin an alias: at the beginning of a token. Some are none, but
  /// stand in a text: ``showing(_:)`` brings them back.
  func hiding(_ text: String) -> String {
    var (hidden, before) = (String.UnicodeScalarView(), "\n" as Unicode.Scalar)
    for scalar in text.unicodeScalars {
      hidden.append(scalar == "*" && Self.precedeTokens.contains(before) ? mark : scalar)
      before = scalar
    }
    return String(hidden)
  }

  private static let precedeTokens: Set<Unicode.Scalar> = [
    " ", "\t", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}", "[", "]", "{", "}", ",", ":", "-", "?",
    "\"", "'",
  ]

  func showing(_ text: String) -> String {
    guard text.unicodeScalars.contains(mark) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == mark ? "*" : $0 }))
  }

  /// What an alias refers to; `nil` for a scalar that is none.
  func name(in scalar: Node.Scalar) -> String? {
    guard scalar.style == .plain, scalar.string.unicodeScalars.first == mark else { return nil }
    return String(scalar.string.unicodeScalars.dropFirst())
  }
}
