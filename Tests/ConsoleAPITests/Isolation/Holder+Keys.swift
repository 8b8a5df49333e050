import Foundation
import Model
import Sealing
import TestPostgres

@testable import Store

/// Statements about keys and their secrets, each of which names one of the holder's.
extension Holder {
  var keyTrials: [StatementTrial] {
    let changes = SubscriptionKey.Changes(
      name: DisplayName("Changed"), description: .keep, expiresAt: .keep, providers: .keep, state: nil)
    return [
      StatementTrial(SubscriptionKeys.find(key, in: tenant)),
      StatementTrial(SubscriptionKeys.update(key, to: changes, expecting: .any, createdBy: nil, in: tenant)),
      StatementTrial(SubscriptionKeys.delete(key, asCompromised: false, createdBy: nil, in: tenant)),
      StatementTrial(
        SubscriptionKeys.restore(key, createdBy: nil, in: tenant), after: [Self.deletedKeys]),
      StatementTrial(SubscriptionKeys.findDeleted(key, in: tenant), after: [Self.deletedKeys]),
    ] + secretTrials
  }

  private var secretTrials: [StatementTrial] {
    let changes = SubscriptionKey.SecretChanges(expiresAt: .clear)
    return [
      StatementTrial(SubscriptionSecrets.lock(key, createdBy: nil, in: tenant)),
      StatementTrial(
        SubscriptionSecrets.insert(.random(), .init(), id: .random(), to: key, createdBy: nil, in: tenant),
        after: ["DELETE FROM subscription_secrets WHERE id = '\(secret)'"]),
      StatementTrial(
        SubscriptionSecrets.deleteExpired(of: key, createdBy: nil, in: tenant), after: [Self.expiredSecrets]),
      StatementTrial(
        SubscriptionSecrets.update(secret, of: key, to: changes, expecting: .any, createdBy: nil, in: tenant)),
      StatementTrial(SubscriptionSecrets.delete(secret, of: key, createdBy: nil, in: tenant)),
    ]
  }

  /// Statements about all keys, and those about a key that is not to be had, although others have it.
  var keyListTrials: [StatementTrial] {
    let states: [SubscriptionKey.Listed?] = [nil, .active, .expired]
    let lists = states.flatMap { state in
      [nil, SearchText("key")].map { text in
        StatementTrial(
          SubscriptionKeys.list(SubscriptionKey.Filter(text: text, state: state), after: nil, limit: 51, in: tenant),
          after: state == .expired ? ["UPDATE subscription_keys SET expires_at = now()"] : [])
      }
    }
    let changes = SubscriptionKey.SecretChanges(expiresAt: .clear)
    let soon = Date(timeIntervalSinceNow: 86_400 * 2)
    return lists + [
      StatementTrial(
        SubscriptionKeys.listExpiring(by: soon, nil, after: nil, limit: 51, in: tenant),
        after: ["UPDATE subscription_keys SET expires_at = now() + interval '1 day'"]),
      StatementTrial(
        SubscriptionKeys.listRotated(limit: 51, in: tenant), after: ["UPDATE subscription_keys SET rotated_at = now()"]),
      StatementTrial(
        SubscriptionKeys.listDeleted(nil, after: nil, limit: 51, in: tenant), after: [Self.deletedKeys]),
      StatementTrial(
        SubscriptionSecrets.deleteExpired(of: key, createdBy: nil, in: tenant),
        after: [Self.expiredSecrets, deletedOwnKeys], finds: 0),
      StatementTrial(
        SubscriptionSecrets.update(secret, of: key, to: changes, expecting: .any, createdBy: nil, in: tenant),
        after: [deletedOwnKeys], finds: 0),
      StatementTrial(
        SubscriptionSecrets.delete(secret, of: key, createdBy: nil, in: tenant), after: [deletedOwnKeys], finds: 0),
      // The last one, while others have two.
      StatementTrial(
        SubscriptionSecrets.delete(secret, of: key, createdBy: nil, in: tenant),
        after: ["DELETE FROM subscription_secrets WHERE tenant_id = '\(tenant)' AND id <> '\(secret)'"], finds: 0),
    ]
  }

  /// A value whose digest under a former key another tenant has is none that this one has.
  var importTrials: [StatementTrial] {
    let (new, old) = (String(repeating: "a5", count: 32), String(repeating: "5a", count: 32))
    guard let keys = SealingKeyRing("2:\(new),1:\(old)").flatMap({ Sealer($0).importedValueKeys }) else { return [] }
    let value = ImportedValue("a-value-of-before-the-import")!
    let draft = SubscriptionKey.ImportDraft(
      name: DisplayName("Imported")!, value: value, description: nil, expiresAt: nil)
    let secret = ImportedSecret(value, of: tenant, under: keys)
    let imported = ImportedKey(place: 0, draft: draft, secret: secret)
    let taken = """
      UPDATE subscription_secrets SET digest = '\\x\(secret.formerDigests.first?.hexadecimal ?? "")'
      WHERE digest = (SELECT min(digest::text)::bytea FROM subscription_secrets WHERE tenant_id <> '\(tenant)')
      """
    return [
      StatementTrial(ImportedSecrets.insert(secret, of: key, in: tenant), after: [taken], finds: 1),
      StatementTrial(ImportedSecrets.insert([imported], by: account, in: tenant), after: [taken], finds: 1),
    ]
  }
}

extension SecretDigest {
  fileprivate var hexadecimal: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
