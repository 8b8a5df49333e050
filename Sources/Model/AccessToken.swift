package import FoundationEssentials

/// A credential of an account for programs: for the console's API and the command line.
package struct AccessToken: Identified, CredentialKind, Hashable, Sendable {
  package static var idPrefix: StaticString { "pat" }
  package static var credentialPrefix: StaticString { "lkt_" }

  package let id: ID<AccessToken>
  /// Whose it is.
  package let account: ID<Account>
  package let name: DisplayName
  /// What it was given. What it may is no more than what its account may at the moment.
  package let role: Role
  /// The value's beginning, by which a person tells two tokens apart.
  package let prefix: String
  package let createdAt: Date
  /// From this moment on it is refused.
  package let expiresAt: Date?
  /// To the minute.
  package let lastUsedAt: Date?

  package init(
    id: ID<AccessToken>, account: ID<Account>, name: DisplayName, role: Role, prefix: String, createdAt: Date,
    expiresAt: Date?, lastUsedAt: Date?
  ) {
    (self.id, self.account, self.name) = (id, account, name)
    (self.role, self.prefix) = (role, prefix)
    (self.createdAt, self.expiresAt, self.lastUsedAt) = (createdAt, expiresAt, lastUsedAt)
  }
}

extension AccessToken {
  /// A new token with its value, for the one answer that shows it.
  package struct Issued: Sendable {
    package let token: AccessToken
    package let value: Credential<AccessToken>

    package init(token: AccessToken, value: Credential<AccessToken>) {
      (self.token, self.value) = (token, value)
    }
  }

  /// What creating a token takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    /// `nil`: what the account has.
    package let role: Role?
    package let expiresAt: Date?

    package init(name: DisplayName, role: Role?, expiresAt: Date?) {
      (self.name, self.role, self.expiresAt) = (name, role, expiresAt)
    }
  }

  /// Which tokens a list shows.
  package struct Filter: Sendable {
    /// Whether those of the tenant's other accounts too.
    package let all: Bool
    /// Found in the name, the prefix or the id, in whatever case.
    package let text: SearchText?

    package init(all: Bool, text: SearchText? = nil) {
      (self.all, self.text) = (all, text)
    }
  }
}
