package import Model
import Store

extension Console {
  /// Whether anybody may make a tenant.
  package var isSignUpOpen: Bool { configuration.signUp == .open }

  /// Makes a tenant and its owner, and signs the owner in.
  ///
  /// - Throws: ``ConsoleError/signUpClosed``, ``ConsoleError/tooManyAttempts(retryAfter:)``.
  package func signUp(_ draft: Tenant.Draft) async throws -> Session {
    guard isSignUpOpen else { throw ConsoleError.signUpClosed }
    let wait = try await store.run(
      in: nil, Attempts.admitSignUp(from: store.address, hourlyLimit: configuration.signUpsPerHour))
    guard wait == 0 else { throw ConsoleError.tooManyAttempts(retryAfter: wait) }
    let hash = try await passwords.hash(draft.owner.password)
    let (id, accountID) = (ID<Tenant>.random(), ID<Account>.random())
    let (token, device) = (SessionToken.random(), Credential<DeviceCookie>.random())
    let (tenant, account, expiresAt, _, _) = try await store.acting(as: accountID).pipeline(
      in: id,
      Tenants.insert(id: id, slug: draft.slug, name: draft.name),
      Accounts.insertOwner(draft.owner, passwordHash: hash, id: accountID, in: id),
      Sessions.insert(newSession(token), id: .random(), of: accountID, knowing: hash, in: id),
      SignInOrigins.insert(store.address, of: accountID, in: id),
      DeviceCookies.insert(device.digest, replacing: nil, of: accountID, in: id))
    guard let expiresAt else { throw ConsoleError.notSignedIn }
    wakeGateways()
    return Session(token: token, device: device, expiresAt: expiresAt, tenant: tenant, account: account)
  }

  package func tenant(as principal: Principal) async throws -> Tenant {
    try principal.require(.anyRole)
    guard let tenant = try await store.run(in: principal.tenant, Tenants.find(principal.tenant)) else {
      throw ConsoleError.notSignedIn
    }
    return tenant
  }

  /// How much the tenant may have, and has.
  package func quotas(as principal: Principal) async throws -> TenantQuotas {
    try principal.require(.anyRole)
    guard let quotas = try await store.run(in: principal.tenant, Quotas.find(in: principal.tenant)) else {
      throw ConsoleError.notSignedIn
    }
    return quotas
  }

  package func updateTenant(
    to changes: Tenant.Changes, expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> Tenant {
    try principal.require(.manageTenant)
    let tenant = try await store.run(
      in: principal.tenant, Tenants.update(principal.tenant, to: changes, expecting: version))
    guard let tenant else { throw ConsoleError.preconditionFailed }
    return tenant
  }
}
