/// The name of a header, besides the default one, in which a group's callers may send their key.
///
/// None that the gateway has a use of its own for. `Authorization` is one: for the scheme `Bearer`.
package struct KeyHeaderName: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...64, pattern: "^[0-9A-Za-z!#$%&'*+.^_`|~-]+$",
    requirement: "must be a header's name of 1 to 64 characters, and none that the gateway uses itself")

  /// As the provider writes it.
  package let description: String

  /// `nil` unless `text` is such a name.
  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.utf8.count), FieldNames.isToken(text),
      !FieldNames.isReserved(FieldNames.folded(text))
    else { return nil }
    description = text
  }

  /// The same for any two names of which a group can have one only.
  package var folded: String { FieldNames.folded(description) }
}
