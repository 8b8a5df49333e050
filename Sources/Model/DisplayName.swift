/// What a person calls a thing: shown and stored exactly as given.
package struct DisplayName: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...100,
    pattern: #"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"#,
    requirement: "must be 1 to 100 characters, not all of them spaces, and no control characters")

  package let description: String

  /// `nil` unless `text` has 1 to 100 Unicode scalars, none of them a control character and not all of them white space.
  package init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard Self.constraint.length.contains(scalars.count), !scalars.contains(where: \.isControl),
      !scalars.allSatisfy(\.properties.isWhitespace)
    else { return nil }
    description = text
  }
}
