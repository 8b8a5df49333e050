/// A language that the pages speak.
enum Language: String, CaseIterable, Sendable {
  case english = "en"
  case simplifiedChinese = "zh-Hans"

  /// What the switch says, alone or with all that was typed into the page's form.
  static let field = "language"

  /// The one that suits a browser best (RFC 9110 §12.5.4): the first of the highest quality that is spoken here.
  init(accepting header: String?) {
    let ranges = (header ?? "").split(separator: ",").compactMap { range -> (Language, Double)? in
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let tag = parts.first, let language = Language(tag: tag) else { return nil }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      return quality > 0 ? (language, quality) : nil
    }
    let best = ranges.map(\.1).max()
    self = ranges.first { $0.1 == best }?.0 ?? .english
  }

  /// RFC 5646: any English, and Chinese unless it is written in the traditional script or, where no script is told, comes
  /// from where that is usual.
  private init?(tag: String) {
    let parts = tag.lowercased().split(separator: "-")
    switch parts.first {
    case "en", "*": self = .english
    case "zh":
      let script = parts.dropFirst().first { $0.count == 4 && $0.allSatisfy(\.isLetter) }
      let isSimplified = script.map { $0 == "hans" } ?? !parts.contains { ["tw", "hk", "mo"].contains($0) }
      guard isSimplified else { return nil }
      self = .simplifiedChinese
    default: return nil
    }
  }
}
