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

  /// - Throws: ``ConsoleError/forbidden`` for a lesser role; ``ConsoleError/sessionRequired`` for an access token that does
  ///   not do.
  package func require(_ permission: Permission) throws(ConsoleError) {
    guard role >= permission.role else { throw .forbidden }
    if permission.needsSession { _ = try sessionDigest() }
  }

  package func has(_ permission: Permission) -> Bool { (try? require(permission)) != nil }

  /// - Returns: the digest of the session's token.
  /// - Throws: as ``require(_:)`` does, and ``ConsoleError/sessionRequired`` for any access token.
  func session(for permission: Permission) throws(ConsoleError) -> SecretDigest {
    try require(permission)
    return try sessionDigest()
  }

  private func sessionDigest() throws(ConsoleError) -> SecretDigest {
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
    try require(.manageKeys)
    return has(.manageEverybodysKeys) ? nil : account
  }
}
