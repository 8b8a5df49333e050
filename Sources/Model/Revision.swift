package import FoundationEssentials

/// A frozen, numbered copy of a group's APIs.
package struct Revision: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "rev" }

  package let id: ID<Revision>
  package let version: RevisionVersion
  package let note: Remark?
  /// How many APIs it has.
  package let apiCount: Int
  package let createdAt: Date

  package init(id: ID<Revision>, version: RevisionVersion, note: Remark?, apiCount: Int, createdAt: Date) {
    (self.id, self.version, self.note) = (id, version, note)
    (self.apiCount, self.createdAt) = (apiCount, createdAt)
  }
}

extension Revision {
  /// Which revisions of a group a list has.
  package struct Filter: Sendable {
    /// Found in the version, the note or the id, in whatever case.
    package let text: SearchText?

    package init(text: SearchText? = nil) {
      self.text = text
    }
  }

  /// An API as it was when the revision was made.
  package struct FrozenAPI: Hashable, Sendable {
    package let id: ID<API>
    package let name: DisplayName
    package let description: Remark?
    package let pattern: APIPattern

    package init(id: ID<API>, name: DisplayName, description: Remark?, pattern: APIPattern) {
      (self.id, self.name, self.description, self.pattern) = (id, name, description, pattern)
    }
  }

  /// A revision with its APIs.
  package struct Contents: Sendable {
    package let revision: Revision
    /// In the order of their paths.
    package var apis: [FrozenAPI]

    package init(revision: Revision, apis: [FrozenAPI]) {
      (self.revision, self.apis) = (revision, apis)
    }
  }

  /// What a revision has otherwise than another revision, or the draft.
  package struct Difference: Sendable {
    /// What only the revision has.
    package let added: [FrozenAPI]
    /// What only the other has.
    package let removed: [FrozenAPI]
    package let changed: [Change]

    package init(added: [FrozenAPI], removed: [FrozenAPI], changed: [Change]) {
      (self.added, self.removed, self.changed) = (added, removed, changed)
    }

    /// An API that both have, not alike.
    package struct Change: Sendable {
      /// As the other has it.
      package let before: FrozenAPI
      /// As the revision has it.
      package let after: FrozenAPI

      package init(before: FrozenAPI, after: FrozenAPI) {
        (self.before, self.after) = (before, after)
      }
    }
  }

  /// What freezing a draft takes.
  package struct Draft: Sendable {
    package let version: RevisionVersion
    package let note: Remark?

    package init(version: RevisionVersion, note: Remark?) {
      (self.version, self.note) = (version, note)
    }
  }
}
