package import Model
import Store

extension Console {
  /// Deletes a key: its secrets are refused from now on.
  ///
  /// - Parameter isCompromised: that they are in wrong hands, so that it is never restored. This may also be found out of
  ///   a key that is deleted already.
  package func deleteSubscriptionKey(
    _ id: ID<SubscriptionKey>, asCompromised isCompromised: Bool = false, as principal: Principal
  ) async throws {
    let creator = try principal.managedKeysCreator()
    let deleted = try await store.run(
      in: principal.tenant,
      SubscriptionKeys.delete(id, asCompromised: isCompromised, createdBy: creator, in: principal.tenant))
    guard deleted == 1 else {
      if isCompromised { _ = try await deletedKey(id, as: principal) }
      try await requireManaged(id, as: principal)
      throw ConsoleError.notFound
    }
    wakeGateways()
  }

  /// A key, also one that was deleted in the last 30 days.
  package func subscriptionKeyOrDeleted(
    _ id: ID<SubscriptionKey>, as principal: Principal
  ) async throws -> SubscriptionKey {
    try principal.require(.anyRole)
    let (live, deleted) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionKeys.find(id, in: principal.tenant), SubscriptionKeys.findDeleted(id, in: principal.tenant))
    guard let key = live.first ?? deleted.first else { throw ConsoleError.notFound }
    return key
  }

  /// Takes the deletion of a key back, for 30 days. The key is disabled then; what it was authorized for meanwhile
  /// remains as it is.
  ///
  /// - Throws: ``ConsoleError/keyCompromised``, ``ConsoleError/keyNotDeleted``.
  package func restoreSubscriptionKey(
    _ id: ID<SubscriptionKey>, as principal: Principal
  ) async throws -> SubscriptionKey {
    let creator = try principal.managedKeysCreator()
    let (restored, keys) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionKeys.restore(id, createdBy: creator, in: principal.tenant),
      SubscriptionKeys.find(id, in: principal.tenant))
    guard restored == 1, let key = keys.first else {
      if let deleted = try await deletedKey(id, as: principal), deleted.isCompromised {
        throw ConsoleError.keyCompromised
      }
      try await requireManaged(id, as: principal)
      throw ConsoleError.keyNotDeleted
    }
    wakeGateways()
    return key
  }

  /// A deleted key that the principal manages.
  ///
  /// - Throws: ``ConsoleError/forbidden`` for another's, to a developer.
  private func deletedKey(_ id: ID<SubscriptionKey>, as principal: Principal) async throws -> SubscriptionKey? {
    let keys = try await store.run(in: principal.tenant, SubscriptionKeys.findDeleted(id, in: principal.tenant))
    let creator = try principal.managedKeysCreator()
    guard let key = keys.first else { return nil }
    guard creator == nil || key.createdBy == creator else { throw ConsoleError.forbidden }
    return key
  }
}
