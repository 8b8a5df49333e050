/// The e-mail address that an account signs in with. ASCII only, so that no two look the same; case does not count.
package struct EmailAddress: ConstrainedText {
  /// 254 is the longest address that a mail path can carry (RFC 5321 §4.5.3.1.3, less its angle brackets).
  package static let constraint = TextConstraint(
    length: 3...254, pattern: "^[!-?A-~]+@[A-Za-z0-9.-]+$",
    requirement: "must be an e-mail address of at most 254 ASCII characters", example: "owner@acme.example")

  package let description: String

  /// `nil` unless `text` is visible ASCII with exactly one `@`, something before it, and a host's characters behind it.
  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1].utf8.allSatisfy(Self.isInHost) else {
      return nil
    }
    description = text
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.folded == right.folded
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(folded)
  }

  private var folded: String { description.lowercased() }

  private static func isInHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
