package import FoundationEssentials

/// The isolation boundary: everything of a tenant is its own.
package struct Tenant: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "ten" }

  /// Whether a tenant's people and keys are let in.
  package enum State: String, CaseIterable, Sendable {
    case active
    /// Its keys are refused and its groups not found, by the operator's decision.
    case suspended
  }

  package let id: ID<Tenant>
  /// Never changes, and is never issued again.
  package let slug: Slug
  package let name: DisplayName
  package let state: State
  package let createdAt, updatedAt: Date

  package init(id: ID<Tenant>, slug: Slug, name: DisplayName, state: State, createdAt: Date, updatedAt: Date) {
    (self.id, self.slug, self.name, self.state) = (id, slug, name, state)
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }
}

extension Tenant {
  /// What signing up takes: a tenant and the person who owns it.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let slug: Slug
    package let owner: Owner

    package init(name: DisplayName, slug: Slug, owner: Owner) {
      (self.name, self.slug, self.owner) = (name, slug, owner)
    }
  }

  /// The first account of a new tenant.
  package struct Owner: Sendable {
    package let email: EmailAddress
    package let name: DisplayName
    package let password: Password

    package init(email: EmailAddress, name: DisplayName, password: Password) {
      (self.email, self.name, self.password) = (email, name, password)
    }
  }

  /// What may be changed of a tenant; `nil` stays as it is.
  package struct Changes: Sendable {
    package let name: DisplayName?

    package init(name: DisplayName?) {
      self.name = name
    }
  }
}
