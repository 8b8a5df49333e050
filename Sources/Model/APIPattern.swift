/// Which calls an API takes: method, path and how the path is matched.
///
/// Whole segments are compared, byte for byte: `/a` is neither `/a/` nor `/A`. `{name}` takes one segment that is not
/// empty.
package struct APIPattern: Hashable, Sendable {
  /// How far a path reaches.
  package enum Match: String, Codable, CaseIterable, Sendable {
    /// The call's path has these segments and no more.
    case exact
    /// The call's path begins with these segments.
    case prefix
  }

  package let method: APIMethod
  package let path: APIPath
  package let match: Match

  package init(method: APIMethod, path: APIPath, match: Match) {
    (self.method, self.path, self.match) = (method, path, match)
  }

  /// Whether some call is taken by both and neither is the exacter one. Of a group's draft no two are.
  package func isAmbiguous(with other: APIPattern) -> Bool {
    clash == other.clash
  }

  /// What no two patterns of a draft have in common.
  package var clash: Clash { Clash(method: method, shape: path.shape, match: match) }

  /// Method, shape of the path and match: what is left of a pattern without the names of its parameters.
  package struct Clash: Hashable, Sendable {
    package let method: APIMethod
    package let shape: String
    package let match: Match
  }
}

extension APIPattern: CustomStringConvertible {
  /// As people write it: `GET /pets/{petId}`.
  package var description: String { "\(method.rawValue) \(path)" }
}

/// The method of an API: one of HTTP's, or `ANY`.
package enum APIMethod: String, Codable, CaseIterable, Sendable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
  case any = "ANY"
}

/// The path of an API as its provider writes it, as in `/pets/{petId}`.
package struct APIPath: Hashable, Sendable, LosslessStringConvertible {
  /// One part of a path between slashes.
  package enum Segment: Hashable, Sendable {
    case literal(String)
    /// Takes one segment that is not empty; the name is for readers.
    case parameter(String)
  }

  package static let maximumLength = 1024

  package let description: String
  /// Empty for `/`. A path that ends in `/` has an empty last literal.
  package let segments: [Segment]

  /// `nil` unless `text` begins with `/`, has no empty, `.` or `..` segment but an empty last one, and is of the
  /// characters that RFC 3986 §3.3 allows in a path, unescaped or as an escape of none that may stand for itself.
  package init?(_ text: String) {
    guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= Self.maximumLength else { return nil }
    let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    var segments: [Segment] = []
    for (index, part) in parts.enumerated() where parts.count > 1 || !part.isEmpty {
      guard let segment = Self.segment(part, isLast: index == parts.count - 1) else { return nil }
      segments.append(segment)
    }
    let names = segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    guard Set(names).count == names.count else { return nil }
    self.segments = segments
    description = text
  }

  /// The path without its parameters' names: `/pets/{petId}` is `/pets/{}`.
  package var shape: String {
    "/" + segments.map { if case .literal(let text) = $0 { text } else { "{}" } }.joined(separator: "/")
  }

  /// Whether any segment is a parameter.
  package var isTemplate: Bool {
    segments.contains { if case .parameter = $0 { true } else { false } }
  }

  private static func segment(_ text: Substring, isLast: Bool) -> Segment? {
    if text.isEmpty { return isLast ? .literal("") : nil }
    if text.first == "{", text.last == "}" {
      let name = text.dropFirst().dropLast()
      return isParameterName(name) ? .parameter(String(name)) : nil
    }
    guard text != ".", text != "..", isLiteral(text.utf8) else { return nil }
    return .literal(String(text))
  }

  private static func isParameterName(_ text: Substring) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
  }

  private static func isLiteral(_ text: Substring.UTF8View) -> Bool {
    var rest = text[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst(), let low = rest.popFirst(), let value = UInt8(hex: high, low),
          isNeeded(value)
        else { return false }
      } else if !isAlphanumeric(byte), !"-._~!$&'()*+,;=:@".utf8.contains(byte) {
        return false
      }
    }
    return true
  }

  /// Whether an escape of this byte says something that the byte itself could not, and is no slash, backslash,
  /// percent sign or control character, which the gateway refuses in calls.
  private static func isNeeded(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F && !"/\\%-._~".utf8.contains(byte) && !isAlphanumeric(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

extension UInt8 {
  /// The byte that two hexadecimal digits stand for; `nil` if one is no digit.
  init?(hex high: UInt8, _ low: UInt8) {
    guard let high = Self.hexValue(high), let low = Self.hexValue(low) else { return nil }
    self = high << 4 | low
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
