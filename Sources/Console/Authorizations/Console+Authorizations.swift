package import Model
import Store

extension Console {
  /// Authorizes a key, of whatever tenant, for targets of this one. Targets of authorizations of the same key that have
  /// expired give way.
  ///
  /// - Throws: `InvalidInput` for a key, a target or a limit policy that is not there, ``ConsoleError/alreadyAuthorized(targets:)``.
  package func createAuthorization(
    _ draft: Authorization.Draft, as principal: Principal
  ) async throws -> Authorization {
    try principal.require(.manageAuthorizations)
    let (tenant, id) = (principal.tenant, ID<Authorization>.random())
    let authorization = try await store.transaction(in: tenant) { transaction in
      let (_, isPolicy, judged, consent, expired, inserted) = try await transaction.batch(
        AuthorizationTargets.lockGroups(draft.targets, in: tenant),
        LimitPolicies.lockForReference(draft.limitPolicy, in: tenant),
        AuthorizationTargets.judge(draft.targets, for: nil, in: tenant),
        Authorizations.consent(of: draft.subscription),
        Authorizations.lockExpired(of: draft.subscription, in: tenant),
        Authorizations.insert(draft, id: id, in: tenant))
      let complaints =
        [Self.complaint(consent: consent, isInserted: inserted == 1)]
        + [isPolicy || draft.limitPolicy == nil ? nil : .noLimitPolicy]
      try Self.check(complaints.compactMap(\.self) + Self.complaints(draft.targets, judged))
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
    try principal.require(.anyRole)
    let authorizations = try await store.run(
      in: principal.tenant,
      Authorizations.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: authorizations, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  package func authorization(_ id: ID<Authorization>, as principal: Principal) async throws -> Authorization {
    try principal.require(.anyRole)
    let authorizations = try await store.run(in: principal.tenant, Authorizations.find(id, in: principal.tenant))
    guard let authorization = authorizations.first else { throw ConsoleError.notFound }
    return authorization
  }

  /// Changes an authorization. A target that it has already may stay, also while it is offline, or while the key takes no
  /// further ones.
  package func updateAuthorization(
    _ id: ID<Authorization>, to changes: Authorization.Changes, expecting version: ExpectedVersion,
    as principal: Principal
  ) async throws -> Authorization {
    try principal.require(.manageAuthorizations)
    let (tenant, targets) = (principal.tenant, changes.targets ?? [])
    let authorization = try await store.transaction(in: tenant) { transaction in
      let (_, isPolicy, locked, judged, found, updated) = try await transaction.batch(
        AuthorizationTargets.lockGroups(targets, in: tenant),
        LimitPolicies.lockForReference(changes.limitPolicy.value, in: tenant),
        Authorizations.lock(withExpiredBeside: id, in: tenant),
        AuthorizationTargets.judge(targets, for: id, in: tenant),
        Authorizations.find(id, in: tenant),
        Authorizations.update(id, to: changes, expecting: version, in: tenant))
      guard locked.contains(id) else { throw ConsoleError.notFound }
      guard updated == 1 else { throw ConsoleError.preconditionFailed }
      let policy = isPolicy || changes.limitPolicy.value == nil ? [] : [InvalidInput.Complaint.noLimitPolicy]
      if changes.targets == nil {
        try Self.check(policy)
      } else {
        var takesMore = true
        if let key = found.first?.subscription.id, judged.contains(where: \.isNew) {
          takesMore = try await transaction.run(Authorizations.consent(of: Reference(key.description))) == true
        }
        try Self.check(Self.complaints(targets, judged, takesMore: takesMore) + policy)
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
    try principal.require(.manageAuthorizations)
    guard try await store.run(in: principal.tenant, Authorizations.delete(id, in: principal.tenant)) == 1 else {
      throw ConsoleError.notFound
    }
    wakeGateways()
  }

  /// What is wrong with the key. Whether one is unknown or malformed is not told apart.
  private static func complaint(consent: Bool?, isInserted: Bool) -> InvalidInput.Complaint? {
    switch (consent, isInserted) {
    case (true, true): nil
    case (false, _): .init(pointer: "/subscriptionId", detail: "must be a key that takes authorizations by this tenant")
    // What has changed between the two looks is as if it had been so before.
    case (nil, _), (true, false): .init(pointer: "/subscriptionId", detail: "must be the id of a subscription key")
    }
  }

  /// What is wrong with the targets. Whether a group is unknown, another's or malformed is not told apart.
  ///
  /// - Parameter takesMore: whether the key may be authorized for what it is not already.
  private static func complaints(
    _ targets: [Authorization.GivenTarget], _ judged: [JudgedTarget], takesMore: Bool = true
  ) -> [InvalidInput.Complaint] {
    targets.indices.compactMap { place in
      let judgement = judged.first { $0.place == place }
      let detail: String? =
        switch judgement.map(\.obstacle) {
        case .none: "must be one of the authorizable groups"
        case .some(.offline): "is offline: nothing is live in \(targets[place].environment.rawValue)"
        case .some(.open): "is open: anybody may call it"
        case .some(.none) where !takesMore && judgement?.isNew == true:
          "must be authorized already: the key is deleted, or takes no further authorizations by this tenant"
        case .some(.none): nil
        }
      return detail.map { .init(pointer: "/targets/\(place)/groupId", detail: $0) }
    }
  }

  private static func check(_ complaints: [InvalidInput.Complaint]) throws(InvalidInput) {
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
