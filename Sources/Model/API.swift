package import FoundationEssentials

/// One method and path of a group's draft.
package struct API: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "api" }

  package let id: ID<API>
  package let name: DisplayName
  package let description: Remark?
  package let pattern: APIPattern
  package let createdAt, updatedAt: Date

  package init(
    id: ID<API>, name: DisplayName, description: Remark?, pattern: APIPattern, createdAt: Date, updatedAt: Date
  ) {
    (self.id, self.name, self.description, self.pattern) = (id, name, description, pattern)
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }
}

extension API {
  /// Which APIs of a draft a list shows.
  package struct Filter: Sendable {
    /// Found in the method and path, as `GET /pets`, in the name, the description or the id, in whatever case.
    package let text: SearchText?

    package init(text: SearchText? = nil) {
      self.text = text
    }
  }

  /// What adding an API to a draft takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let description: Remark?
    package let pattern: APIPattern

    package init(name: DisplayName, description: Remark?, pattern: APIPattern) {
      (self.name, self.description, self.pattern) = (name, description, pattern)
    }
  }

  /// What may be changed of an API; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let description: Change<Remark>
    package let method: APIMethod?
    package let path: APIPath?
    package let match: APIPattern.Match?

    package init(
      name: DisplayName?, description: Change<Remark>, method: APIMethod?, path: APIPath?, match: APIPattern.Match?
    ) {
      (self.name, self.description) = (name, description)
      (self.method, self.path, self.match) = (method, path, match)
    }
  }
}
