package import FoundationEssentials
package import Model
import Store

extension Console {
  /// Makes a key with its first secret, whose value is in the answer and nowhere else.
  package func createSubscriptionKey(
    _ draft: SubscriptionKey.Draft, as principal: Principal
  ) async throws -> SubscriptionKey.Issued {
    try principal.require(.manageKeys)
    if let value = draft.value { return try await createSubscriptionKey(draft, having: value, as: principal) }
    let (id, value) = (ID<SubscriptionKey>.random(), SecretValue.random())
    let (key, secret) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionKeys.insert(draft, id: id, by: principal.account, in: principal.tenant),
      SubscriptionSecrets.insertFirst(value, id: .random(), of: id, in: principal.tenant))
    wakeGateways()
    return SubscriptionKey.Issued(key: key, secret: SubscriptionKey.IssuedSecret(secret: secret, value: value))
  }

  package func subscriptionKeys(
    _ filter: SubscriptionKey.Filter, _ slice: SliceRequest<SubscriptionKey>, as principal: Principal
  ) async throws -> Slice<SubscriptionKey> {
    try principal.require(.anyRole)
    let (tenant, limit) = (principal.tenant, slice.limit + 1)
    let keys = try await store.run(
      in: tenant,
      filter.state == .deleted
        ? SubscriptionKeys.listDeleted(filter.text, slice.order, after: slice.after, limit: limit, in: tenant)
        : SubscriptionKeys.list(filter, slice.order, after: slice.after, limit: limit, in: tenant))
    return Slice(read: keys, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.name.description, in: slice.order)
    }
  }

  /// The active keys that expire by then, the soonest first. Positions are of the times at which keys expire.
  package func expiringSubscriptionKeys(
    by end: Date, _ text: SearchText?, _ slice: SliceRequest<SubscriptionKey>, as principal: Principal
  ) async throws -> Slice<SubscriptionKey> {
    try principal.require(.anyRole)
    let keys = try await store.run(
      in: principal.tenant,
      SubscriptionKeys.listExpiring(by: end, text, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    return Slice(read: keys, limit: slice.limit) { Position(createdAt: $0.expiresAt ?? end, id: $0.id) }
  }

  package func subscriptionKey(_ id: ID<SubscriptionKey>, as principal: Principal) async throws -> SubscriptionKey {
    try principal.require(.anyRole)
    let keys = try await store.run(in: principal.tenant, SubscriptionKeys.find(id, in: principal.tenant))
    guard let key = keys.first else { throw ConsoleError.notFound }
    return key
  }

  package func updateSubscriptionKey(
    _ id: ID<SubscriptionKey>, to changes: SubscriptionKey.Changes, expecting version: ExpectedVersion,
    as principal: Principal
  ) async throws -> SubscriptionKey {
    let creator = try principal.managedKeysCreator()
    let keys = try await store.run(
      in: principal.tenant,
      SubscriptionKeys.update(id, to: changes, expecting: version, createdBy: creator, in: principal.tenant))
    guard let key = keys.first else {
      try await requireManaged(id, as: principal)
      throw ConsoleError.preconditionFailed
    }
    wakeGateways()
    return key
  }

  /// Tells why a key was not changed: it is not there, or it is another's and the principal a developer.
  func requireManaged(_ id: ID<SubscriptionKey>, as principal: Principal) async throws {
    let key = try await subscriptionKey(id, as: principal)
    let creator = try principal.managedKeysCreator()
    guard creator == nil || key.createdBy == creator else { throw ConsoleError.forbidden }
  }
}
