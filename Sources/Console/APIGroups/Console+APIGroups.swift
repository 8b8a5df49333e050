package import Model
import Store

extension Console {
  package func createAPIGroup(_ draft: APIGroup.Draft, as principal: Principal) async throws -> APIGroup {
    try principal.require(.manageGroups)
    let group = try await store.run(
      in: principal.tenant, APIGroups.insert(draft, id: .random(), in: principal.tenant))
    wakeGateways()
    return group
  }

  package func apiGroups(_ slice: SliceRequest<APIGroup>, as principal: Principal) async throws -> Slice<APIGroup> {
    try await apiGroups(APIGroup.Filter(), slice, as: principal)
  }

  package func apiGroups(
    _ filter: APIGroup.Filter, _ slice: SliceRequest<APIGroup>, as principal: Principal
  ) async throws -> Slice<APIGroup> {
    try principal.require(.anyRole)
    let groups = try await store.run(
      in: principal.tenant,
      APIGroups.list(filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: groups, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.name.description, in: slice.order)
    }
  }

  package func apiGroup(_ id: ID<APIGroup>, as principal: Principal) async throws -> APIGroup {
    try principal.require(.anyRole)
    let groups = try await store.run(in: principal.tenant, APIGroups.find(id, in: principal.tenant))
    guard let group = groups.first else { throw ConsoleError.notFound }
    return group
  }

  /// Those of these groups that there are, in no order.
  package func apiGroups(withIDs ids: Set<ID<APIGroup>>, as principal: Principal) async throws -> [APIGroup] {
    try principal.require(.anyRole)
    guard !ids.isEmpty else { return [] }
    return try await store.run(in: principal.tenant, APIGroups.find(all: ids, in: principal.tenant))
  }

  /// Changes a group, its prefix only before its first release.
  ///
  /// - Throws: `InvalidInput` when what its `cors` policy comes to cannot be.
  package func updateAPIGroup(
    _ id: ID<APIGroup>, to changes: APIGroup.Changes, expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> APIGroup {
    try principal.require(.manageGroups)
    let groups =
      if case .set(let policy) = changes.cors {
        try await update(id, to: changes, merging: policy, expecting: version, as: principal)
      } else {
        try await store.run(
          in: principal.tenant,
          APIGroups.update(
            id, to: changes, policy: changes.cors.isChange ? .clear : .keep, expecting: version, in: principal.tenant))
      }
    guard let group = groups.first else {
      _ = try await apiGroup(id, as: principal)
      throw ConsoleError.preconditionFailed
    }
    wakeGateways()
    return group
  }

  /// Changes a group and its policy, which is read for that and kept from others meanwhile.
  private func update(
    _ id: ID<APIGroup>, to changes: APIGroup.Changes, merging policy: CORSPolicy.Changes,
    expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> [APIGroup] {
    try await store.transaction(in: principal.tenant) { transaction in
      guard let old = try await transaction.run(APIGroups.lockPolicy(of: id, in: principal.tenant)).first else {
        throw ConsoleError.notFound
      }
      let merged = try policy.applied(to: old)
      return try await transaction.run(
        APIGroups.update(id, to: changes, policy: .set(merged), expecting: version, in: principal.tenant))
    }
  }

  /// Deletes a group that is live nowhere, and the authorizations that were for nothing else.
  ///
  /// - Throws: ``ConsoleError/groupLive(in:)``.
  package func deleteAPIGroup(_ id: ID<APIGroup>, as principal: Principal) async throws {
    try principal.require(.manageGroups)
    // Each of its APIs, revisions and targets is an event of the audit.
    try await store.patient(for: Self.timeOfLargeChanges).transaction(in: principal.tenant) { transaction in
      let (exists, live, authorizations) = try await transaction.batch(
        APIGroups.lock(id, in: principal.tenant),
        Deployments.liveEnvironments(of: id, in: principal.tenant),
        Authorizations.lock(withTargetsOf: id, in: principal.tenant))
      guard exists else { throw ConsoleError.notFound }
      guard live.isEmpty else { throw ConsoleError.groupLive(in: live) }
      _ = try await transaction.batch(
        APIGroups.delete(id, in: principal.tenant),
        Authorizations.delete(emptyOf: authorizations, in: principal.tenant))
    }
    wakeGateways()
  }

  /// - Throws: ``ConsoleError/notFound``.
  func requireGroup(_ id: ID<APIGroup>, as principal: Principal) async throws {
    guard try await store.run(in: principal.tenant, APIGroups.exists(id, in: principal.tenant)) else {
      throw ConsoleError.notFound
    }
  }
}
