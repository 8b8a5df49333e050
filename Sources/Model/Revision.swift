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

  /// What freezing a draft takes.
  package struct Draft: Sendable {
    package let version: RevisionVersion
    package let note: Remark?

    package init(version: RevisionVersion, note: Remark?) {
      (self.version, self.note) = (version, note)
    }
  }
}
