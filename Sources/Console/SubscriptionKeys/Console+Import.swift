package import Model
import Store

extension Console {
  /// Makes a key of a value that its provider brought along.
  ///
  /// - Throws: ``ConsoleError/valueTaken``, ``ConsoleError/noSealingKey``.
  func createSubscriptionKey(
    _ draft: SubscriptionKey.Draft, having value: ImportedValue, as principal: Principal
  ) async throws -> SubscriptionKey.Issued {
    let (tenant, id) = (principal.tenant, ID<SubscriptionKey>.random())
    let secret = ImportedSecret(value, of: tenant, under: try requireImportedValueKeys())
    let key = try await store.transaction(in: tenant) { transaction in
      let (_, inserted, keys) = try await transaction.batch(
        SubscriptionKeys.insert(draft, id: id, by: principal.account, in: tenant),
        ImportedSecrets.insert(secret, of: id, in: tenant),
        SubscriptionKeys.find(id, in: tenant))
      guard inserted == 1 else { throw ConsoleError.valueTaken }
      return keys.first
    }
    guard let key, let first = key.secrets.first else { throw ConsoleError.notFound }
    wakeGateways()
    return SubscriptionKey.Issued(key: key, secret: SubscriptionKey.IssuedSecret(secret: first, value: nil))
  }

  /// Makes keys of values that their provider brought along: all in one transaction, but for those that cannot be.
  ///
  /// - Throws: ``ConsoleError/noSealingKey``.
  package func importSubscriptionKeys(
    _ items: [Result<SubscriptionKey.ImportDraft, InvalidInput>], as principal: Principal
  ) async throws -> SubscriptionKey.ImportOutcome {
    try principal.require(.manageKeys)
    let keys = try requireImportedValueKeys()
    var batch = ImportBatch(items, for: principal.tenant, under: keys)
    let created = try await store.run(
      in: principal.tenant, ImportedSecrets.insert(batch.keys, by: principal.account, in: principal.tenant))
    batch.refuse(allBut: Set(created.map(\.place)))
    if !created.isEmpty { wakeGateways() }
    return SubscriptionKey.ImportOutcome(created: created, refused: batch.refused.sorted { $0.place < $1.place })
  }
}

/// What is to be imported, and what is not.
private struct ImportBatch {
  private(set) var keys: [ImportedKey] = []
  private(set) var refused: [SubscriptionKey.ImportOutcome.Refused] = []

  init(
    _ items: [Result<SubscriptionKey.ImportDraft, InvalidInput>], for tenant: ID<Tenant>, under keys: ImportedValueKeys
  ) {
    var seen: Set<String> = []
    for (place, item) in items.enumerated() {
      switch item {
      case .failure(let input): refused.append(.init(place: place, reason: .invalid, errors: input.complaints))
      case .success(let draft) where !seen.insert(draft.value.revealed).inserted: refuse(place, .repeated)
      case .success(let draft):
        self.keys.append(
          ImportedKey(place: place, draft: draft, secret: ImportedSecret(draft.value, of: tenant, under: keys)))
      }
    }
  }

  /// Those that were not created had a value that another key of the tenant has.
  mutating func refuse(allBut created: Set<Int>) {
    for key in keys where !created.contains(key.place) { refuse(key.place, .taken) }
  }

  private mutating func refuse(_ place: Int, _ reason: SubscriptionKey.ImportOutcome.Reason) {
    let detail = reason == .repeated ? "is given more than once" : "is another key's of this tenant"
    refused.append(
      .init(place: place, reason: reason, errors: [.init(pointer: "/items/\(place)/value", detail: detail)]))
  }
}
