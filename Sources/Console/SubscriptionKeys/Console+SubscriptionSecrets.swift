package import Model
import Store

extension Console {
  /// Gives a key a second secret, so that its callers can go over to it before the first is deleted. Secrets that have
  /// expired make room.
  package func rotateSubscriptionKey(
    _ id: ID<SubscriptionKey>, _ draft: SubscriptionKey.SecretDraft, as principal: Principal
  ) async throws -> SubscriptionKey.Rotation {
    let creator = try principal.managedKeysCreator()
    let value = SecretValue.random()
    let (isManaged, _, secret, keys) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSecrets.lock(id, createdBy: creator, in: principal.tenant),
      SubscriptionSecrets.deleteExpired(of: id, createdBy: creator, in: principal.tenant),
      SubscriptionSecrets.insert(value, draft, id: .random(), to: id, createdBy: creator, in: principal.tenant),
      SubscriptionKeys.find(id, in: principal.tenant))
    guard let secret else {
      if !isManaged { try await requireManaged(id, as: principal) }
      throw ConsoleError.tooManySecrets
    }
    wakeGateways()
    return SubscriptionKey.Rotation(
      issued: SubscriptionKey.IssuedSecret(secret: secret, value: value), secrets: keys.first?.secrets ?? [])
  }

  /// Changes a secret, by which the key becomes another version.
  package func updateSecret(
    _ secret: ID<SubscriptionKey.Secret>, of id: ID<SubscriptionKey>, to changes: SubscriptionKey.SecretChanges,
    expecting version: ExpectedVersion, as principal: Principal
  ) async throws -> SubscriptionKey {
    let creator = try principal.managedKeysCreator()
    let (isManaged, updated, keys) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSecrets.lock(id, createdBy: creator, in: principal.tenant),
      SubscriptionSecrets.update(
        secret, of: id, to: changes, expecting: version, createdBy: creator, in: principal.tenant),
      SubscriptionKeys.find(id, in: principal.tenant))
    guard updated == 1, let key = keys.first else {
      if !isManaged { try await requireManaged(id, as: principal) }
      let isKnown = keys.first?.secrets.contains { $0.id == secret } ?? false
      throw isKnown ? ConsoleError.preconditionFailed : .notFound
    }
    wakeGateways()
    return key
  }

  package func deleteSecret(
    _ secret: ID<SubscriptionKey.Secret>, of id: ID<SubscriptionKey>, as principal: Principal
  ) async throws {
    let creator = try principal.managedKeysCreator()
    let (isManaged, deleted) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSecrets.lock(id, createdBy: creator, in: principal.tenant),
      SubscriptionSecrets.delete(secret, of: id, createdBy: creator, in: principal.tenant))
    guard deleted == 1 else {
      if !isManaged { try await requireManaged(id, as: principal) }
      let key = try await subscriptionKey(id, as: principal)
      throw key.secrets.contains { $0.id == secret } ? ConsoleError.lastSecret : .notFound
    }
    wakeGateways()
  }
}
