/// What a document of somebody's API gives for a draft.
package struct APIImport: Sendable {
  /// The most that one document may have.
  package static let maximumOperations = 5_000

  /// No two of them take the same calls. All match exactly.
  package let apis: [API.Draft]
  /// In the document's order.
  package let skipped: [Skipped]

  package init(apis: [API.Draft], skipped: [Skipped]) {
    (self.apis, self.skipped) = (apis, skipped)
  }

  /// An operation that cannot be an API here.
  package struct Skipped: Hashable, Sendable {
    /// As in `GET /pets/{petId}`; a path alone for all that it has.
    package let operation: String
    package let reason: String

    package init(operation: String, reason: String) {
      (self.operation, self.reason) = (operation, reason)
    }
  }

  /// What came of it.
  package struct Outcome: Sendable {
    /// How many are new, and how many there were.
    package let created, updated: Int
    package let skipped: [Skipped]
    /// Those that are new, and of those that there were the ones that are not as they were. Answers have the numbers only.
    package let createdAPIs, changedAPIs: [API.Draft]

    package init(
      created: Int, updated: Int, skipped: [Skipped], createdAPIs: [API.Draft] = [], changedAPIs: [API.Draft] = []
    ) {
      (self.created, self.updated, self.skipped) = (created, updated, skipped)
      (self.createdAPIs, self.changedAPIs) = (createdAPIs, changedAPIs)
    }
  }
}

extension DisplayName {
  /// As much of a text as a name may have; `nil` if that is nothing to read.
  package init?(shortening text: String) {
    let scalars = text.unicodeScalars.map { $0.isControl ? " " : $0 }.prefix(Self.constraint.length.upperBound)
    self.init(String(String.UnicodeScalarView(scalars)).trimmingSpaces)
  }
}

extension Remark {
  /// As much of a text as a remark may have; `nil` if that is nothing to read.
  package init?(shortening text: String) {
    let scalars = text.unicodeScalars.filter { !$0.isControl || ["\t", "\n", "\r"].contains($0) }
    self.init(String(String.UnicodeScalarView(scalars.prefix(Self.constraint.length.upperBound))).trimmingSpaces)
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let start = unicodeScalars.drop(while: \.properties.isWhitespace)
    let end = start.reversed().drop(while: \.properties.isWhitespace)
    return String(String.UnicodeScalarView(end.reversed()))
  }
}
