package import Model
import Store

extension Console {
  /// Gives an account that is invited a new invitation, in place of the one that it had.
  ///
  /// - Throws: ``ConsoleError/notInvited``.
  package func renewInvitation(of id: ID<Account>, as principal: Principal) async throws -> Invitation {
    try principal.require(.manageAccounts)
    let token = Credential<Invitation>.random()
    let expiresAt = try await store.transaction(in: principal.tenant) { transaction in
      _ = try await transaction.lockOwners(for: principal)
      return try await transaction.run(Invitations.insert(digest: token.digest, to: id, in: principal.tenant))
    }
    guard let expiresAt else {
      _ = try await account(id, as: principal)
      throw ConsoleError.notInvited
    }
    return Invitation(token: token, expiresAt: expiresAt)
  }

  /// Gives the account of an invitation its password and signs it in, once.
  ///
  /// - Throws: `InvalidInput` at `/token`, the same for one that is unknown, used or expired. No hash is paid for it.
  package func acceptInvitation(_ acceptance: Invitation.Acceptance) async throws -> Session {
    let digest = acceptance.token?.digest
    guard let digest, let invited = try await store.run(in: nil, Invitations.find(digest: digest)) else {
      throw Self.badInvitation
    }
    let hash = try await passwords.hash(acceptance.password)
    return try await store.acting(as: invited.account).transaction(in: invited.tenant) { transaction in
      let accepted = try await transaction.run(
        Invitations.accept(digest: digest, passwordHash: hash, in: invited.tenant))
      guard accepted == 1 else { throw Self.badInvitation }
      return try await begin(of: invited.account, knowing: hash, in: invited.tenant, transaction)
    }
  }

  private static var badInvitation: InvalidInput {
    InvalidInput("/token", "must be of an invitation that was neither used nor renewed and has not expired")
  }
}
