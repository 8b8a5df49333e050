/// The name of a header, besides the default one, in which a group's callers may send their key.
///
/// None that the gateway has a use of its own for. `Authorization` is one: for the scheme `Bearer`.
package struct KeyHeaderName: ConstrainedText {
  package static let constraint = FieldNames.constraint

  /// As the provider writes it.
  package let description: String

  /// `nil` unless `text` is such a name.
  package init?(_ text: String) {
    guard FieldNames.isFree(text), !FieldNames.isCrossOrigin(FieldNames.folded(text)) else { return nil }
    description = text
  }

  /// The same for any two names of which a group can have one only.
  package var folded: String { FieldNames.folded(description) }
}
