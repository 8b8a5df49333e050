/// A header by which a backend knows the gateway. Its value is a secret: given with a release, and never shown again.
package struct BackendHeader: Hashable, Sendable {
  /// How many a backend has at most.
  package static let maximumCount = 16

  package let name: BackendHeaderName
  package let value: BackendHeaderValue

  package init(name: BackendHeaderName, value: BackendHeaderValue) {
    (self.name, self.value) = (name, value)
  }
}

extension [BackendHeader] {
  /// The field lines that are sent, each with its CRLF: what is sealed.
  package var lines: [UInt8] {
    [UInt8](map { "\($0.name): \($0.value.revealed)\r\n" }.joined().utf8)
  }
}

/// The name of a backend's own header: none that frames a message, that the gateway writes, or that a browser keeps
/// something by.
package struct BackendHeaderName: ConstrainedText {
  package static let constraint = FieldNames.constraint

  /// As the provider writes it.
  package let description: String

  /// `nil` unless `text` is such a name.
  package init?(_ text: String) {
    guard FieldNames.isFree(text) else { return nil }
    description = text
  }

  /// The same for any two names that a backend may take for one.
  package var folded: String { FieldNames.folded(description) }
}

/// The value of a backend's own header. It does not print.
package struct BackendHeaderValue: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...MockResponse.Header.maximumValueLength, pattern: "^[!-~]([\\t -~]*[!-~])?$",
    requirement: "must be 1 to \(MockResponse.Header.maximumValueLength) visible ASCII characters, and blanks and tabs"
      + " between them", example: "Basic bGF0Y2hrZXk6ZXhhbXBsZQ==")

  /// The value itself, for the one that seals it.
  package let revealed: String

  /// `nil` unless `text` is such a value.
  package init?(_ text: String) {
    guard !text.isEmpty, MockResponse.Header.isValue(text) else { return nil }
    revealed = text
  }

  package var description: String { "BackendHeaderValue(…)" }
}

extension BackendHeaderValue: CustomDebugStringConvertible, CustomReflectable {
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
