extension Account {
  /// What inviting a person takes.
  package struct Draft: Sendable {
    package let email: EmailAddress
    package let name: DisplayName
    package let role: Role

    package init(email: EmailAddress, name: DisplayName, role: Role) {
      (self.email, self.name, self.role) = (email, name, role)
    }
  }

  /// An account that was just made, with what its person needs to come in.
  package struct Invited: Sendable {
    package let account: Account
    package let invitation: Invitation

    package init(account: Account, invitation: Invitation) {
      (self.account, self.invitation) = (account, invitation)
    }
  }

  /// The states that an account can be put into.
  package enum GivenState: String, CaseIterable, Sendable {
    /// Lets it in again; an account without a password is invited again.
    case active
    case disabled
  }

  /// What may be changed of an account; `nil` stays as it is.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let role: Role?
    package let state: GivenState?

    package init(name: DisplayName?, role: Role?, state: GivenState?) {
      (self.name, self.role, self.state) = (name, role, state)
    }

    /// Whether an active owner would be none any more.
    package var endOwnership: Bool {
      state == .disabled || role.map { $0 != .owner } ?? false
    }
  }

  /// What changing one's password takes.
  package struct PasswordChange: Sendable {
    package let current: Password
    package let new: Password

    package init(current: Password, new: Password) {
      (self.current, self.new) = (current, new)
    }
  }
}
