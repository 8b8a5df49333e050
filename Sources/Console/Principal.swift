package import Model
package import Store

/// Who is asking: an account, its tenant, and what role it has at the moment with what it showed.
package struct Principal: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
  package let role: Role
  /// What was shown.
  let credential: Credential

  enum Credential: Sendable {
    case session(ID<OpenSession>, SecretDigest)
    case accessToken(ID<AccessToken>)
  }

  /// Who it is to the database, which makes no change of what has ended by then.
  package func actor(requestID: String, address: String?, client: ClientName?) -> Actor {
    let id =
      switch credential {
      case .session(let id, _): "\(id)"
      case .accessToken(let id): "\(id)"
      }
    return Actor(
      account: account, credential: id, role: role, requestID: requestID, address: address, client: client)
  }

  /// - Throws: ``ConsoleError/forbidden`` unless the role is at least `role`.
  func require(_ role: Role) throws(ConsoleError) {
    guard self.role >= role else { throw .forbidden }
  }

  /// - Returns: the digest of the session's token.
  /// - Throws: ``ConsoleError/sessionRequired`` for an access token.
  @discardableResult
  func requireSession() throws(ConsoleError) -> SecretDigest {
    guard case .session(_, let digest) = credential else { throw .sessionRequired }
    return digest
  }

  /// What it may, as far as its role and the kind of what was shown say.
  var authority: String {
    switch credential {
    case .session: "\(role.rawValue) session"
    case .accessToken: "\(role.rawValue) accessToken"
    }
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
