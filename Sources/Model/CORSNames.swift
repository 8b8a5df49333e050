/// A method that a policy allows, or `*` for every one.
package struct CORSMethod: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...20, pattern: #"^(\*|[A-Z][A-Z_-]*)$"#,
    requirement: "must be * or a method in capitals, as in PUT, and neither CONNECT, TRACE nor TRACK")

  package static let any = CORSMethod(unchecked: "*")

  package let description: String

  private init(unchecked description: String) { self.description = description }

  /// `nil` unless `text` is such a method. (Browsers tell methods apart by case, and send none of the three.)
  package init?(_ text: String) {
    let isLetter: (UInt8) -> Bool = { (0x41...0x5A).contains($0) }
    guard Self.constraint.length.contains(text.utf8.count), !["CONNECT", "TRACE", "TRACK"].contains(text),
      text == "*"
        || text.utf8.first.map(isLetter) ?? false && text.utf8.allSatisfy({ isLetter($0) || $0 == 0x2D || $0 == 0x5F })
    else { return nil }
    description = text
  }
}

/// The name of a header that a policy allows or exposes, or `*` for every one.
package struct CORSHeader: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...64, pattern: #"^(\*|[0-9A-Za-z!#$%&'+.^_`|~-]+)$"#,
    requirement: "must be * or a header's name of 1 to 64 characters")

  package static let any = CORSHeader(unchecked: "*")

  /// As the provider writes it.
  package let description: String

  private init(unchecked description: String) { self.description = description }

  /// `nil` unless `text` is such a name. A `*` within a name, which HTTP allows, would be taken for a pattern.
  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.utf8.count), FieldNames.isToken(text),
      text == "*" || !text.utf8.contains(UInt8(ascii: "*"))
    else { return nil }
    description = text
  }

  /// The same for any two spellings of one name.
  package var folded: String { description.lowercased() }
}
