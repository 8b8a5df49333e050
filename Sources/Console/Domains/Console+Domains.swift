package import Model
import Store

extension Console {
  /// Claims a host for a group in an environment. Who else claims it is not told, and does not matter before one of the
  /// claims is verified.
  ///
  /// - Throws: `InvalidInput` for a host of the installation's own, or a group that is not there.
  package func createDomain(_ draft: Domain.Draft, as principal: Principal) async throws -> Domain {
    try principal.require(.manageDomains)
    guard !configuration.ownHosts.contain(draft.host) else {
      throw InvalidInput("/host", "must not be a host of this installation's own, or under its domain")
    }
    let domain = try await store.run(
      in: principal.tenant, Domains.insert(draft, id: .random(), token: .random(), in: principal.tenant))
    guard let domain else { throw InvalidInput.noGroup }
    return instructed(domain)
  }

  package func domains(
    _ filter: Domain.Filter, _ slice: SliceRequest<Domain>, as principal: Principal
  ) async throws -> Slice<Domain> {
    try principal.require(.anyRole)
    let domains = try await store.run(
      in: principal.tenant,
      Domains.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: domains.map(instructed), limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.host.description, in: slice.order)
    }
  }

  package func domain(_ id: ID<Domain>, as principal: Principal) async throws -> Domain {
    try principal.require(.anyRole)
    guard let domain = try await store.run(in: principal.tenant, Domains.find(id, in: principal.tenant)) else {
      throw ConsoleError.notFound
    }
    return instructed(domain)
  }

  /// Binds a domain to another group or environment. What was verified stays so: it is the same tenant's host.
  package func updateDomain(
    _ id: ID<Domain>, to changes: Domain.Changes, expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> Domain {
    try principal.require(.manageDomains)
    let tenant = principal.tenant
    let domain = try await store.transaction(in: tenant) { transaction in
      let (isGroup, updated, found) = try await transaction.batch(
        APIGroups.lockForReference(changes.group, in: tenant),
        Domains.update(id, to: changes, expecting: version, in: tenant), Domains.find(id, in: tenant))
      guard let found else { throw ConsoleError.notFound }
      guard isGroup || changes.group == nil else { throw InvalidInput.noGroup }
      guard updated == 1 else { throw ConsoleError.preconditionFailed }
      return found
    }
    wakeGateways()
    return instructed(domain)
  }

  /// Gives a host up: others' claims of it can be verified then.
  package func deleteDomain(_ id: ID<Domain>, as principal: Principal) async throws {
    try principal.require(.manageDomains)
    guard try await store.run(in: principal.tenant, Domains.delete(id, in: principal.tenant)) == 1 else {
      throw ConsoleError.notFound
    }
    wakeGateways()
  }

  /// Has it looked whether the host is the tenant's by now. A claim that is not pending is as it was.
  ///
  /// - Throws: `StoreError.conflict(.verifiedHost)` where it is, and is verified for another.
  package func verifyDomain(_ id: ID<Domain>, as principal: Principal) async throws -> Domain {
    try principal.require(.manageDomains)
    let claimed = try await domain(id, as: principal)
    guard claimed.state == .pending, try await domainVerifier.isProven(claimed) else { return claimed }
    let (_, domain) = try await store.pipeline(
      in: principal.tenant, Domains.verify(id), Domains.find(id, in: principal.tenant))
    guard let domain else { throw ConsoleError.notFound }
    wakeGateways()
    return instructed(domain)
  }

  private func instructed(_ domain: Domain) -> Domain {
    var domain = domain
    if domain.state == .pending { domain.instructions = domainVerifier.instructions(for: domain) }
    return domain
  }
}

extension InvalidInput {
  /// Whether it is unknown, another's or malformed is not told apart.
  fileprivate static let noGroup = InvalidInput("/groupId", "must be the id of one of the tenant's groups")
}
