/// A name in a URL: a tenant's slug or a group's prefix. 1–63 of `a-z`, `0-9` and `-`, no `-` at the ends.
package struct Slug: Hashable, Sendable, Codable, LosslessStringConvertible {
  package let description: String

  /// `nil` unless `text` is one.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), bytes.first != Self.hyphen, bytes.last != Self.hyphen,
      bytes.allSatisfy(Self.allows)
    else { return nil }
    description = text
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let slug = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "must be 1 to 63 of a-z, 0-9 and -, with no - at the ends")
    }
    self = slug
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  private static let hyphen = UInt8(ascii: "-")

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen: true
    default: false
    }
  }
}
