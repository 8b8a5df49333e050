/// The number of a revision, as in `0.0.1`: three numbers below a million, without leading zeros.
package struct RevisionVersion: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 5...20, pattern: #"^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$"#,
    requirement: "must be three numbers below a million without leading zeros, as in 0.0.1", example: "0.0.1")

  package let description: String

  /// `nil` unless `text` is one.
  package init?(_ text: String) {
    let numbers = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard numbers.count == 3, numbers.allSatisfy(Self.isNumber) else { return nil }
    description = text
  }

  private static func isNumber(_ digits: Substring.UTF8View) -> Bool {
    (1...6).contains(digits.count) && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
  }
}
