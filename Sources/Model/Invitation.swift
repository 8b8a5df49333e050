package import FoundationEssentials

/// An account's way to its first password, which works once and until it expires.
package struct Invitation: CredentialKind, Sendable {
  package static var credentialPrefix: StaticString { "inv_" }

  /// How long an invitation can be accepted.
  package static let lifetime: TimeInterval = 7 * 24 * 3600

  package let token: Credential<Invitation>
  package let expiresAt: Date

  package init(token: Credential<Invitation>, expiresAt: Date) {
    (self.token, self.expiresAt) = (token, expiresAt)
  }
}

extension Invitation {
  /// What accepting one takes.
  package struct Acceptance: Sendable {
    /// `nil` for a text that is no such token: it is as one that is unknown.
    package let token: Credential<Invitation>?
    package let password: Password

    package init(token: Credential<Invitation>?, password: Password) {
      (self.token, self.password) = (token, password)
    }
  }
}
