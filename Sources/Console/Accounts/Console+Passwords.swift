package import Model
import Store

extension Console {
  /// Gives the principal's account another password, which ends its other sessions and makes the other
  /// places strange that it signed in from: whoever knew the old password may have been there.
  ///
  /// Whoever guesses the present one on a session that somebody left open is slowed down as at the door.
  ///
  /// - Throws: ``ConsoleError/wrongPassword``, ``ConsoleError/tooManyAttempts(retryAfter:)``.
  package func changePassword(_ change: Account.PasswordChange, as principal: Principal) async throws {
    let session = try principal.requireSession()
    let (tenant, account) = (principal.tenant, principal.account)
    guard let known = try await store.run(in: tenant, AccountPasswords.find(of: account, in: tenant)) else {
      throw ConsoleError.wrongPassword
    }
    let attempt = SignInAttempt(tenant: known.tenant, email: known.email, address: store.address)
    let wait = try await store.run(in: nil, Attempts.admit(attempt))
    guard wait == 0 else { throw ConsoleError.tooManyAttempts(retryAfter: wait) }
    guard try await verify(change.current, against: known.hash, in: attempt) else { throw ConsoleError.wrongPassword }
    _ = try await store.run(in: nil, Attempts.forgive(attempt))
    let hash = try await passwords.hash(change.new)
    try await store.transaction(in: tenant) { transaction in
      let updated = try await transaction.run(
        AccountPasswords.update(of: account, from: known.hash, to: hash, in: tenant))
      guard updated == 1 else { throw ConsoleError.wrongPassword }
      _ = try await transaction.batch(
        Sessions.delete(allOf: account, but: session, in: tenant),
        SignInOrigins.delete(allOf: account, but: store.address, in: tenant))
    }
  }
}
