/// What a person looks for in a list.
package struct SearchText: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...100, pattern: #"^[^\u0000-\u001f\u007f-\u009f]*$"#,
    requirement: "must be 1 to 100 characters, and no control characters", example: "shop")

  package let description: String

  /// `nil` unless `text` has 1 to 100 Unicode scalars, none of them a control character.
  package init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard Self.constraint.length.contains(scalars.count), !scalars.contains(where: \.isControl) else { return nil }
    description = text
  }
}
