/// The program by which somebody signs in, as people know it: `Firefox on Linux`, or `curl`.
package struct ClientName: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...60, pattern: "^[A-Za-z0-9._ -]+$", requirement: "must be 1 to 60 of A-Z, a-z, 0-9, ., _, - and blanks",
    example: "Firefox on Linux")

  package let program: String
  /// What it runs on, where that is told.
  package let system: String?

  package var description: String { system.map { program + Self.joint + $0 } ?? program }

  private static let joint = " on "

  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.utf8.count), text.utf8.allSatisfy(Self.isPlain) else { return nil }
    let parts = text.split(separator: Self.joint, maxSplits: 1)
    guard let first = parts.first else { return nil }
    (program, system) = (String(first), parts.count > 1 ? String(parts[1]) : nil)
  }

  /// What a `User-Agent` (RFC 9110 §10.1.5) tells: a browser that is known and its system, or else the first product's
  /// name. Nothing else of the field is kept, which anybody may write anything into.
  package init?(userAgent: String) {
    let field = Substring(userAgent.prefix(512))
    func first(_ names: [(mark: String, name: String)]) -> String? {
      names.first { field.contains($0.mark) }?.name
    }
    if let browser = first(Self.browsers) {
      (program, system) = (browser, first(Self.systems))
      return
    }
    let product = field.prefix { $0 != "/" && $0 != " " }
    // One that is this long is somebody's text rather than a name, and may be a secret.
    guard (1...30).contains(product.utf8.count), product.utf8.allSatisfy(Self.isPlain), product != "Mozilla" else {
      return nil
    }
    (program, system) = (String(product), nil)
  }

  /// Those first that also call themselves by the names of others.
  private static let browsers = [
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
  ]

  private static let systems = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"), ("Linux", "Linux"), ("X11", "Unix"),
  ]

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: " "), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
