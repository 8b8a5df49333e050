package import Model
import Store

extension Console {
  /// Gives a key a second secret, so that its callers can go over to it before the first is deleted.
  package func rotateSubscriptionKey(
    _ id: ID<SubscriptionKey>, as principal: Principal
  ) async throws -> SubscriptionKey.IssuedSecret {
    let creator = try principal.managedKeysCreator()
    let value = SecretValue.random()
    let (isManaged, secret) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSecrets.lock(id, createdBy: creator, in: principal.tenant),
      SubscriptionSecrets.insert(value, id: .random(), to: id, createdBy: creator, in: principal.tenant))
    guard let secret else {
      if !isManaged { try await requireManaged(id, as: principal) }
      throw ConsoleError.tooManySecrets
    }
    wakeGateways()
    return SubscriptionKey.IssuedSecret(secret: secret, value: value)
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
