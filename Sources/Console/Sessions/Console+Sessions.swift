package import Model
import Store

extension Console {
  /// Signs an account in.
  ///
  /// A tenant, an account or a password that is wrong all take one scrypt and one answer, so that neither tells which;
  /// and so do the answers to whoever tries too often, who is told so before the scrypt is paid.
  ///
  /// - Throws: ``ConsoleError/wrongCredentials``, ``ConsoleError/tooManyAttempts(retryAfter:)``.
  package func signIn(_ credentials: Session.Credentials) async throws -> Session {
    let attempt = attempt(at: credentials.tenant, credentials.email)
    let (wait, candidate) = try await store.pipeline(
      in: nil, Attempts.admit(attempt), Sessions.candidate(slug: credentials.tenant, email: credentials.email))
    guard wait == 0 else { throw ConsoleError.tooManyAttempts(retryAfter: wait) }
    let isRight = try await verify(credentials.password, against: candidate?.passwordHash, in: attempt)
    guard isRight, let candidate, let hash = candidate.passwordHash, candidate.state == .active else {
      throw ConsoleError.wrongCredentials
    }
    return try await store.acting(as: candidate.account).transaction(in: candidate.tenant) { transaction in
      _ = try await transaction.run(Attempts.forgive(attempt))
      return try await begin(of: candidate.account, knowing: hash, in: candidate.tenant, transaction)
    }
  }

  /// Begins a session of an account that has just proved who it is, and knows the place and the browser
  /// from then on.
  ///
  /// - Throws: ``ConsoleError/wrongCredentials`` if the password has changed since, or the account is disabled.
  func begin(
    of account: ID<Account>, knowing passwordHash: String, in tenant: ID<Tenant>, _ transaction: StoreTransaction
  ) async throws -> Session {
    let (token, newDevice) = (SessionToken.random(), Credential<DeviceCookie>.random())
    let (expiresAt, _, _, _, shownTenant, shownAccount) = try await transaction.batch(
      Sessions.insert(newSession(token), id: .random(), of: account, knowing: passwordHash, in: tenant),
      SignInOrigins.insert(store.address, of: account, in: tenant),
      DeviceCookies.insert(newDevice.digest, replacing: device?.digest, of: account, in: tenant),
      DeviceCookies.trim(of: account, in: tenant),
      Tenants.find(tenant),
      Accounts.find(account, in: tenant))
    guard let expiresAt, let shownTenant, let shownAccount else { throw ConsoleError.wrongCredentials }
    return Session(
      token: token, device: newDevice, expiresAt: expiresAt, tenant: shownTenant, account: shownAccount)
  }

  /// What is written down of a session that begins here and now.
  func newSession(_ token: SessionToken) -> NewSession {
    NewSession(
      digest: token.digest, address: store.address, client: store.client,
      lifetime: configuration.sessionLifetime / .seconds(1), idleTimeout: configuration.sessionIdleTimeout / .seconds(1)
    )
  }

  /// The account's sessions that have not ended.
  package func sessions(
    _ slice: SliceRequest<OpenSession>, as principal: Principal
  ) async throws -> Slice<OpenSession> {
    let current = try principal.session(for: .manageOwnAccess)
    let sessions = try await store.run(
      in: principal.tenant,
      Sessions.list(
        of: principal.account, current: current, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: sessions, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  /// Ends one of the account's sessions.
  package func endSession(_ id: ID<OpenSession>, as principal: Principal) async throws {
    try principal.require(.manageOwnAccess)
    let ended = try await store.run(
      in: principal.tenant, Sessions.delete(id, of: principal.account, in: principal.tenant))
    guard ended == 1 else { throw ConsoleError.notFound }
  }

  /// Ends the session that the principal came with.
  package func signOut(_ principal: Principal) async throws {
    let digest = try principal.session(for: .manageOwnAccess)
    _ = try await store.run(in: principal.tenant, Sessions.delete(digest: digest, in: principal.tenant))
  }

  /// The principal's tenant and account.
  package func whoAmI(_ principal: Principal) async throws -> (tenant: Tenant, account: Account) {
    try principal.require(.anyRole)
    let (tenant, account) = try await store.pipeline(
      in: principal.tenant,
      Tenants.find(principal.tenant),
      Accounts.find(principal.account, in: principal.tenant))
    guard let tenant, let account else { throw ConsoleError.notSignedIn }
    return (tenant, account)
  }
}
