package import Model

/// Who is asking: a signed-in account, its tenant and its role at the moment.
package struct Principal: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
  package let role: Role
  /// Of the token that was shown.
  let session: SecretDigest

  /// - Throws: ``ConsoleError/forbidden`` unless the role is at least `role`.
  func require(_ role: Role) throws(ConsoleError) {
    guard self.role >= role else { throw .forbidden }
  }

  /// Whose subscription keys this principal manages: a developer's are those it made itself.
  ///
  /// - Returns: the account that must have made them; `nil` for an admin or owner, who manage all.
  /// - Throws: ``ConsoleError/forbidden`` for a viewer.
  func managedKeysCreator() throws(ConsoleError) -> ID<Account>? {
    try require(.developer)
    return role >= .admin ? nil : account
  }
}
