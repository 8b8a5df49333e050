package import Model
package import Store

/// What an operator does: whoever holds the owner's database login. Audited as an operator's doing; no role is asked for,
/// since there is nobody above it.
package struct Operator: Sendable {
  let store: Store
  let passwords: PasswordHasher
  let ownHosts: OwnHosts

  /// - Parameters:
  ///   - store: of connections that log in as `latchkey_owner`.
  ///   - ownHosts: what no tenant can have.
  package init(store: Store, passwords: PasswordHasher, ownHosts: OwnHosts = OwnHosts()) {
    (self.store, self.passwords, self.ownHosts) = (store, passwords, ownHosts)
  }

  /// Makes a tenant and its owner, with a password that is in the answer and nowhere else.
  /// - Throws: ``OperatorError/refused(_:_:)`` where a tenant has or had the slug.
  package func createTenant(
    _ slug: Slug, name: DisplayName, ownerEmail: EmailAddress, ownerName: DisplayName
  ) async throws -> (id: ID<Tenant>, password: Password) {
    let (id, password) = (ID<Tenant>.random(), Password.random())
    let owner = Tenant.Owner(email: ownerEmail, name: ownerName, password: password)
    let hash = try await passwords.hash(password)
    do {
      _ = try await store.pipeline(
        in: id, Tenants.insert(id: id, slug: slug, name: name),
        Accounts.insertOwner(owner, passwordHash: hash, id: .random(), in: id))
    } catch StoreError.conflict(.tenantSlug) {
      throw OperatorError.refused(slug, "is taken: a tenant has or had it")
    }
    return (id, password)
  }

  package func tenants() async throws -> [OperatedTenant] {
    try await store.run(in: nil, OperatedTenants.list)
  }

  /// - Throws: ``OperatorError/noSuchTenant(_:)``.
  package func tenant(_ slug: Slug) async throws -> OperatedTenant {
    guard let tenant = try await store.run(in: nil, OperatedTenants.find(slug)) else {
      throw OperatorError.noSuchTenant(slug)
    }
    return tenant
  }

  /// From the commit on its people and keys are refused and its groups not found.
  package func suspend(_ slug: Slug) async throws {
    try await change(slug, .suspend, orSay: "is not active")
  }

  /// Lets it in again; a deletion that was requested is off.
  package func restore(_ slug: Slug) async throws {
    try await change(slug, .restore, orSay: "is not suspended")
  }

  /// Suspends it, and has it purged in 30 days unless it is restored before.
  package func requestDeletion(_ slug: Slug) async throws {
    try await change(slug, .requestDeletion, orSay: "is deleted already")
  }

  /// Removes everything but the slug, now: in steps, of which the first cannot be undone. Where it is interrupted, consoles
  /// go on with it.
  /// - Throws: ``OperatorError/refused(_:_:)`` unless its deletion was requested.
  package func purge(_ slug: Slug) async throws {
    let tenant = try await tenant(slug)
    guard tenant.deletionRequestedAt != nil else { throw OperatorError.refused(slug, "is not marked for deletion") }
    while try await store.run(in: tenant.id, OperatedTenants.purge(tenant.id)) {}
  }

  /// Gives `take` each row of the tenant: of which table, and as JSON, without secrets.
  package func export(_ slug: Slug, _ take: @escaping @Sendable (String, String) -> Void) async throws {
    let tenant = try await tenant(slug)
    try await store.run(in: tenant.id, OperatedTenants.export(tenant.id, take))
  }

  /// Changes limits, if any are given.
  package func quotas(of slug: Slug, changed changes: TenantQuotas.Changes) async throws -> TenantQuotas {
    let tenant = try await tenant(slug)
    let (_, quotas) = try await store.pipeline(
      in: tenant.id, Quotas.update(tenant.id, to: changes), Quotas.find(in: tenant.id))
    guard let quotas else { throw OperatorError.refused(slug, "is deleted") }
    return quotas
  }

  /// Gives an account a new password, takes its sessions and access tokens from it, and forgets where it has signed in from.
  /// What was tried in vain at the old password does not count at the new one. The tenant's last active owner stays one.
  ///
  /// - Parameter isEnabled: whether an account that is disabled is let in again.
  /// - Returns: the password, and the state that the account is in.
  /// - Throws: ``OperatorError/noSuchAccount(_:)``.
  package func resetAccount(
    _ email: EmailAddress, of slug: Slug, role: Role?, isEnabled: Bool = false
  ) async throws -> (password: Password, state: Account.State) {
    let (tenant, password) = (try await tenant(slug), Password.random())
    let hash = try await passwords.hash(password)
    let state = try await store.transaction(in: tenant.id) { transaction in
      let (state, _, owners) = try await transaction.batch(
        OperatedAccounts.reset(email, in: tenant.id, passwordHash: hash, role: role, isEnabled: isEnabled),
        OperatedAccounts.endSessions(of: email, in: tenant.id), Accounts.lockOwners(in: tenant.id))
      guard let state else { throw OperatorError.noSuchAccount(email) }
      guard role == nil || !owners.isEmpty else {
        throw OperatorError.refused(slug, "would have no active owner then")
      }
      return state
    }
    return (password, state)
  }

  private func change(_ slug: Slug, _ change: OperatedTenants.Change, orSay reason: String) async throws {
    let tenant = try await tenant(slug)
    guard try await store.run(in: tenant.id, OperatedTenants.make(change, of: tenant.id)) == 1 else {
      throw OperatorError.refused(slug, reason)
    }
  }
}

/// Why an operator's command did nothing.
package enum OperatorError: Error, Sendable, CustomStringConvertible {
  case noSuchTenant(Slug)
  case noSuchAccount(EmailAddress)
  /// With the reason, as in "acme is not active".
  case refused(Slug, String)
  /// With the whole reason.
  case notDone(String)

  package var description: String {
    switch self {
    case .noSuchTenant(let slug): "there is no tenant '\(slug)'"
    case .noSuchAccount(let email): "the tenant has no account '\(email)'"
    case .refused(let slug, let reason): "'\(slug)' \(reason)"
    case .notDone(let reason): reason
    }
  }
}
