package import Model
import Store

extension Console {
  /// Signs an account in.
  ///
  /// A tenant, an account or a password that is wrong all take one scrypt and one answer, so that neither tells which.
  package func signIn(_ credentials: Session.Credentials) async throws -> Session {
    let candidate = try await store.run(
      in: nil, Sessions.candidate(slug: credentials.tenant, email: credentials.email))
    let isRight = try await passwords.verify(credentials.password, against: candidate?.passwordHash)
    guard isRight, let candidate, candidate.state == .active else { throw ConsoleError.wrongCredentials }
    let token = SessionToken.random()
    let (expiresAt, tenant, account) = try await store.acting(as: candidate.account).pipeline(
      in: candidate.tenant,
      Sessions.insert(
        digest: token.digest, of: candidate.account, in: candidate.tenant, lasting: Session.lifetime),
      Tenants.find(candidate.tenant),
      Accounts.find(candidate.account, in: candidate.tenant))
    guard let expiresAt, let tenant, let account else { throw ConsoleError.wrongCredentials }
    return Session(token: token, expiresAt: expiresAt, tenant: tenant, account: account)
  }

  /// Whose token this is.
  ///
  /// - Throws: ``ConsoleError/notSignedIn`` for anything but a live token of an active account in an active tenant.
  package func authenticate(_ token: SessionToken) async throws -> Principal {
    let digest = token.digest
    guard let account = try await store.run(in: nil, Sessions.find(digest: digest)) else {
      throw ConsoleError.notSignedIn
    }
    return Principal(tenant: account.tenant, account: account.account, role: account.role, session: digest)
  }

  /// Ends the session that the principal came with.
  package func signOut(_ principal: Principal) async throws {
    _ = try await store.run(in: principal.tenant, Sessions.delete(digest: principal.session, in: principal.tenant))
  }

  /// The principal's tenant and account.
  package func whoAmI(_ principal: Principal) async throws -> (tenant: Tenant, account: Account) {
    let (tenant, account) = try await store.pipeline(
      in: principal.tenant,
      Tenants.find(principal.tenant),
      Accounts.find(principal.account, in: principal.tenant))
    guard let tenant, let account else { throw ConsoleError.notSignedIn }
    return (tenant, account)
  }
}
