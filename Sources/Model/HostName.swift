/// The host of a URL as a tenant can own it: a DNS name of at least two labels, in lower case and without a dot at its end.
///
/// An internationalized name is given in its ASCII form (`xn--…`, RFC 5890), so that there is one spelling and no two that
/// look the same. The last label begins with a letter, which no address does (RFC 3696 §2; WHATWG URL, "ends in a number").
package struct HostName: ConstrainedText {
  /// Ten less than a name can have (RFC 1035 §2.3.4), so that there is room for a label before it.
  package static let maximumLength = 243

  package static let constraint = TextConstraint(
    length: 4...maximumLength, pattern: "^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z0-9-]*[a-z0-9]$",
    requirement:
      "must be a DNS name in lower case, as in api.example.com: at least two labels, no address, port or dot at"
      + " the end, and an internationalized name in its ASCII form, as in xn--bcher-kva.example",
    example: "api.acme.example")

  package let description: String

  /// `nil` unless `text` is such a name.
  package init?(_ text: String) {
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard Self.constraint.length.contains(text.utf8.count), labels.count >= 2, labels.allSatisfy(Self.isLabel),
      let last = labels.last, last.count >= 2, let first = last.first, Self.letters.contains(first)
    else { return nil }
    description = text
  }

  /// Whether this is `domain`, which is in lower case, or lies under it.
  package func isIn(_ domain: String) -> Bool {
    description == domain || description.hasSuffix("." + domain)
  }

  private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  private static let hyphen = UInt8(ascii: "-")

  /// Hyphens in the third and fourth place are those of `xn--` only (RFC 5891 §4.2.3.1).
  private static func isLabel(_ label: Substring.UTF8View.SubSequence) -> Bool {
    let bytes = Array(label)
    guard (1...63).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen,
      bytes.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == hyphen })
    else { return false }
    return bytes.dropFirst(2).prefix(2) != [hyphen, hyphen] || bytes.starts(with: "xn--".utf8)
  }
}
