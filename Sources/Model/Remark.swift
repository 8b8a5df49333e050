/// What a person notes about a thing, perhaps over several lines: shown and stored exactly as given.
package struct Remark: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...1000, pattern: #"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"#,
    requirement: "must be 1 to 1000 characters, and no control characters but tabs and line ends",
    example: "Calls of the web shop.")

  package let description: String

  /// `nil` unless `text` has 1 to 1,000 Unicode scalars, and no control characters but tab, line feed and carriage return.
  package init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard Self.constraint.length.contains(scalars.count),
      !scalars.contains(where: { $0.isControl && !["\t", "\n", "\r"].contains($0) })
    else { return nil }
    description = text
  }
}
