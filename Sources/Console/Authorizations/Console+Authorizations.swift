package import Model
import Store

extension Console {
  /// Authorizes a key, of whatever tenant, for targets of this one. Targets of authorizations of the same key that have
  /// expired give way.
  ///
  /// - Throws: `InvalidInput` for a key or a target that is not there, ``ConsoleError/alreadyAuthorized(targets:)``.
  package func createAuthorization(
    _ draft: Authorization.Draft, as principal: Principal
  ) async throws -> Authorization {
    try principal.require(.admin)
    let (tenant, id) = (principal.tenant, ID<Authorization>.random())
    let authorization = try await store.transaction(in: tenant) { transaction in
      let (_, authorizable, expired, inserted) = try await transaction.batch(
        AuthorizationTargets.lockGroups(draft.targets, in: tenant),
        AuthorizationTargets.authorizable(draft.targets, for: nil, in: tenant),
        Authorizations.lockExpired(of: draft.subscription, in: tenant),
        Authorizations.insert(draft, id: id, in: tenant))
      try Self.check(draft.targets, authorizable: authorizable, isKeyKnown: inserted == 1)
      try await transaction.add(draft.targets, to: id, inPlaceOf: expired, in: tenant)
      return try await transaction.run(Authorizations.find(id, in: tenant)).first
    }
    guard let authorization else { throw ConsoleError.notFound }
    wakeGateways()
    return authorization
  }

  package func authorizations(
    _ filter: Authorization.Filter, _ slice: SliceRequest<Authorization>, as principal: Principal
  ) async throws -> Slice<Authorization> {
    try principal.require(.viewer)
    let authorizations = try await store.run(
      in: principal.tenant,
      Authorizations.list(filter, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: authorizations, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  package func authorization(_ id: ID<Authorization>, as principal: Principal) async throws -> Authorization {
    try principal.require(.viewer)
    let authorizations = try await store.run(in: principal.tenant, Authorizations.find(id, in: principal.tenant))
    guard let authorization = authorizations.first else { throw ConsoleError.notFound }
    return authorization
  }

  /// Changes an authorization. A target that it has already may stay, also while it is offline.
  package func updateAuthorization(
    _ id: ID<Authorization>, to changes: Authorization.Changes, expecting version: ExpectedVersion,
    as principal: Principal
  ) async throws -> Authorization {
    try principal.require(.admin)
    let (tenant, targets) = (principal.tenant, changes.targets ?? [])
    let authorization = try await store.transaction(in: tenant) { transaction in
      let (_, locked, authorizable, updated) = try await transaction.batch(
        AuthorizationTargets.lockGroups(targets, in: tenant),
        Authorizations.lock(withExpiredBeside: id, in: tenant),
        AuthorizationTargets.authorizable(targets, for: id, in: tenant),
        Authorizations.update(id, to: changes, expecting: version, in: tenant))
      guard locked.contains(id) else { throw ConsoleError.notFound }
      guard updated == 1 else { throw ConsoleError.preconditionFailed }
      if changes.targets != nil {
        try Self.check(targets, authorizable: authorizable, isKeyKnown: true)
        _ = try await transaction.run(AuthorizationTargets.delete(allBut: targets, of: id, in: tenant))
        try await transaction.add(targets, to: id, inPlaceOf: locked.filter { $0 != id }, in: tenant)
      }
      return try await transaction.run(Authorizations.find(id, in: tenant)).first
    }
    guard let authorization else { throw ConsoleError.notFound }
    wakeGateways()
    return authorization
  }

  package func deleteAuthorization(_ id: ID<Authorization>, as principal: Principal) async throws {
    try principal.require(.admin)
    guard try await store.run(in: principal.tenant, Authorizations.delete(id, in: principal.tenant)) == 1 else {
      throw ConsoleError.notFound
    }
    wakeGateways()
  }

  /// Whether a key or a group is unknown, another's or malformed is not told apart.
  private static func check(
    _ targets: [Authorization.GivenTarget], authorizable: [Int], isKeyKnown: Bool
  ) throws(InvalidInput) {
    var complaints: [InvalidInput.Complaint] = []
    if !isKeyKnown {
      complaints.append(.init(pointer: "/subscriptionId", detail: "must be the id of a subscription key"))
    }
    for place in targets.indices where !authorizable.contains(place) {
      complaints.append(.init(pointer: "/targets/\(place)/groupId", detail: "must be one of the authorizable groups"))
    }
    guard complaints.isEmpty else { throw InvalidInput(complaints) }
  }
}

extension StoreTransaction {
  /// Gives an authorization targets, of which the expired ones of these others are taken away.
  ///
  /// - Throws: ``ConsoleError/alreadyAuthorized(targets:)``.
  fileprivate func add(
    _ targets: [Authorization.GivenTarget], to id: ID<Authorization>, inPlaceOf expired: [ID<Authorization>],
    in tenant: ID<Tenant>
  ) async throws {
    let (_, _, taken) = try await batch(
      AuthorizationTargets.delete(targets, ofExpired: expired, in: tenant),
      Authorizations.delete(emptyOf: expired, in: tenant),
      AuthorizationTargets.insert(targets, into: id, in: tenant))
    guard taken.isEmpty else { throw ConsoleError.alreadyAuthorized(targets: taken) }
  }
}
