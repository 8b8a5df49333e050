package import Model
import Store

extension Console {
  /// Gives the principal's account another password, which ends its other sessions and makes the other
  /// places and browsers strange that it signed in from: whoever knew the old password may have been there.
  ///
  /// Whoever guesses the present one on a session that somebody left open is slowed down as at the door.
  ///
  /// - Throws: ``ConsoleError/wrongPassword``, ``ConsoleError/tooManyAttempts(retryAfter:)``.
  package func changePassword(_ change: Account.PasswordChange, as principal: Principal) async throws {
    try await replacePassword(judge(change, as: principal), as: principal)
  }

  /// Finds out whether a password may be changed: counts the attempt, and hashes both. All of it stays and takes long, so
  /// that it belongs into no transaction.
  ///
  /// - Throws: as ``changePassword(_:as:)`` does.
  package func judge(_ change: Account.PasswordChange, as principal: Principal) async throws -> JudgedPasswordChange {
    try principal.require(.manageOwnAccess)
    let (tenant, account) = (principal.tenant, principal.account)
    guard let known = try await store.run(in: tenant, AccountPasswords.find(of: account, in: tenant)) else {
      throw ConsoleError.wrongPassword
    }
    let attempt = attempt(at: known.tenant, known.email)
    let wait = try await store.run(in: nil, Attempts.admit(attempt))
    guard wait == 0 else { throw ConsoleError.tooManyAttempts(retryAfter: wait) }
    guard try await verify(change.current, against: known.hash, in: attempt) else { throw ConsoleError.wrongPassword }
    _ = try await store.run(in: nil, Attempts.forgive(attempt))
    return JudgedPasswordChange(old: known.hash, new: try await passwords.hash(change.new))
  }

  /// Does what was found to be right.
  package func replacePassword(_ change: JudgedPasswordChange, as principal: Principal) async throws {
    let session = try principal.session(for: .manageOwnAccess)
    let (tenant, account) = (principal.tenant, principal.account)
    try await store.transaction(in: tenant) { transaction in
      let updated = try await transaction.run(
        AccountPasswords.update(of: account, from: change.old, to: change.new, in: tenant))
      guard updated == 1 else { throw ConsoleError.wrongPassword }
      _ = try await transaction.batch(
        Sessions.delete(allOf: account, but: session, in: tenant),
        SignInOrigins.delete(allOf: account, but: store.address, in: tenant),
        DeviceCookies.delete(allOf: account, but: device?.digest, in: tenant))
    }
  }
}

/// A change of a password by who knows the present one, as hashes.
package struct JudgedPasswordChange: Sendable {
  fileprivate let old, new: String
}
