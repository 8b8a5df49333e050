package import FoundationEssentials

/// What the last import into a group's draft did.
package struct ImportReport: Sendable {
  /// An API as it was then.
  package struct Line: Hashable, Sendable {
    /// As in `GET /pets/{petId}`.
    package let call: String
    package let name: String

    package init(call: String, name: String) {
      (self.call, self.name) = (call, name)
    }
  }

  package let importedAt: Date
  /// How many APIs were as the document has them.
  package let unchanged: Int
  package let created, changed: [Line]
  package let skipped: [APIImport.Skipped]

  package init(
    importedAt: Date, unchanged: Int, created: [Line], changed: [Line], skipped: [APIImport.Skipped]
  ) {
    (self.importedAt, self.unchanged, self.created) = (importedAt, unchanged, created)
    (self.changed, self.skipped) = (changed, skipped)
  }
}
