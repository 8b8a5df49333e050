package import Model
import Store

extension Console {
  /// Makes an account for a person, who comes in by the invitation that is in the answer and nowhere else.
  package func createAccount(_ draft: Account.Draft, as principal: Principal) async throws -> Account.Invited {
    try principal.require(.manageAccounts)
    let (id, token) = (ID<Account>.random(), Credential<Invitation>.random())
    let (account, expiresAt) = try await store.transaction(in: principal.tenant) { transaction in
      _ = try await transaction.lockOwners(for: principal)
      return try await transaction.batch(
        Accounts.insert(draft, id: id, in: principal.tenant),
        Invitations.insert(digest: token.digest, to: id, in: principal.tenant))
    }
    guard let expiresAt else { throw ConsoleError.notInvited }
    return Account.Invited(account: account, invitation: Invitation(token: token, expiresAt: expiresAt))
  }

  package func accounts(_ slice: SliceRequest<Account>, as principal: Principal) async throws -> Slice<Account> {
    try await accounts(Account.Filter(), slice, as: principal)
  }

  package func accounts(
    _ filter: Account.Filter, _ slice: SliceRequest<Account>, as principal: Principal
  ) async throws -> Slice<Account> {
    try principal.require(.anyRole)
    let accounts = try await store.run(
      in: principal.tenant,
      Accounts.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: accounts, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.name.description, in: slice.order)
    }
  }

  /// What people call those of these accounts that there are.
  package func accountNames(
    of ids: Set<ID<Account>>, as principal: Principal
  ) async throws -> [ID<Account>: DisplayName] {
    try principal.require(.anyRole)
    guard !ids.isEmpty else { return [:] }
    let names = try await store.run(in: principal.tenant, Accounts.names(of: ids, in: principal.tenant))
    return Dictionary(names) { first, _ in first }
  }

  package func account(_ id: ID<Account>, as principal: Principal) async throws -> Account {
    try principal.require(.anyRole)
    guard let account = try await store.run(in: principal.tenant, Accounts.find(id, in: principal.tenant)) else {
      throw ConsoleError.notFound
    }
    return account
  }

  /// Changes an account. Its sessions and its invitation end with its being disabled, and do not come back.
  ///
  /// - Throws: ``ConsoleError/lastOwner``.
  package func updateAccount(
    _ id: ID<Account>, to changes: Account.Changes, expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> Account {
    try principal.require(.manageAccounts)
    let tenant = principal.tenant
    let updated = try await store.transaction(in: tenant) { transaction in
      let owners = try await transaction.lockOwners(for: principal)
      guard owners != [id] || !changes.endOwnership else { throw ConsoleError.lastOwner }
      let account = try await transaction.run(Accounts.update(id, to: changes, expecting: version, in: tenant))
      if account?.state == .disabled {
        _ = try await transaction.batch(
          Sessions.delete(allOf: id, but: nil, in: tenant), Invitations.delete(of: id, in: tenant),
          SignInOrigins.delete(allOf: id, but: nil, in: tenant),
          DeviceCookies.delete(allOf: id, but: nil, in: tenant))
      }
      return account
    }
    guard let updated else {
      _ = try await account(id, as: principal)
      throw ConsoleError.preconditionFailed
    }
    return updated
  }

  /// Deletes an account with its sessions and tokens. What it made stays.
  ///
  /// - Throws: ``ConsoleError/lastOwner``.
  package func deleteAccount(_ id: ID<Account>, as principal: Principal) async throws {
    try principal.require(.manageAccounts)
    // Whatever it ever did is looked through, to erase from where.
    try await store.patient(for: Self.timeOfLargeChanges).transaction(in: principal.tenant) { transaction in
      let owners = try await transaction.lockOwners(for: principal)
      guard owners != [id] else { throw ConsoleError.lastOwner }
      guard try await transaction.run(Accounts.delete(id, in: principal.tenant)) == 1 else {
        throw ConsoleError.notFound
      }
    }
  }
}

extension StoreTransaction {
  /// Keeps two owners from removing each other: who waited for another looks again at whether it is still an owner.
  ///
  /// - Returns: the active owners, who stay that until the transaction ends.
  /// - Throws: ``ConsoleError/forbidden`` if the principal is none of them any more.
  func lockOwners(for principal: Principal) async throws -> [ID<Account>] {
    let owners = try await run(Accounts.lockOwners(in: principal.tenant))
    guard owners.contains(principal.account) else { throw ConsoleError.forbidden }
    return owners
  }
}
