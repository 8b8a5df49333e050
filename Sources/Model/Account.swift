package import FoundationEssentials

/// A person who signs in to one tenant.
package struct Account: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "acc" }

  /// Whether an account can sign in.
  package enum State: String, CaseIterable, Sendable {
    /// Has no password yet.
    case invited
    case active
    case disabled
  }

  package let id: ID<Account>
  package let email: EmailAddress
  package let name: DisplayName
  package let role: Role
  package let state: State
  package let createdAt, updatedAt: Date

  package init(
    id: ID<Account>, email: EmailAddress, name: DisplayName, role: Role, state: State, createdAt: Date, updatedAt: Date
  ) {
    (self.id, self.email, self.name) = (id, email, name)
    (self.role, self.state) = (role, state)
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }

  /// Which accounts a list has.
  package struct Filter: Sendable {
    /// Found in the name, the e-mail address or the id, in whatever case.
    package let text: SearchText?

    package init(text: SearchText? = nil) {
      self.text = text
    }
  }
}
