import Console
import Contract
import Foundation
import Model

extension SubscriptionKey {
  /// How long before its end a key is about to expire.
  static let soon: TimeInterval = 30 * 86_400

  /// When a key that is about to expire does so, at the latest.
  static func soon(after now: Date) -> Date { now + soon }
}

extension SubscriptionKey.Secret {
  /// Whether programs still have it, as far as one can tell.
  enum Use: String {
    /// It has ended by itself.
    case ended
    case never
    /// It was used within a day.
    case inUse
    case quiet
  }

  /// For how long a secret that is not used has to be unused to be called quiet.
  static let quietTime: TimeInterval = 86_400

  func use(at now: Date) -> Use {
    if let expiresAt, expiresAt <= now { return .ended }
    guard let lastUsedAt else { return .never }
    return lastUsedAt > now - Self.quietTime ? .inUse : .quiet
  }
}

extension SignedInVisit {
  /// Whether whoever is signed in may change this key.
  func manages(_ key: SubscriptionKey) -> Bool {
    may(.manageEverybodysKeys) || may(.manageKeys) && key.createdBy == account.id
  }

  /// What templates want of a key.
  func page(_ key: SubscriptionKey) -> [String: any Sendable] {
    var page = SubscriptionKey.shape.json(key).members
    if key.state == .active, let expiresAt = key.expiresAt {
      if expiresAt <= visit.now { page["state"] = "expired" }
      if expiresAt > visit.now, expiresAt <= SubscriptionKey.soon(after: visit.now) {
        page["expiresSoon"] = words.ahead(expiresAt, now: visit.now)
      }
    }
    page["usedAt"] = key.secrets.compactMap(\.lastUsedAt).max().map(RFC3339.string)
    page["isManaged"] = manages(key)
    page["isRestricted"] = key.providers != nil
    page["secrets"] = key.secrets.map { self.page($0, of: key) }
    return words.saying("key.", in: page).withTimes
  }

  /// What templates want of a key's secret.
  func page(_ secret: SubscriptionKey.Secret, of key: SubscriptionKey) -> [String: any Sendable] {
    // No name that a key has too, where a template would find the key's in want of the secret's.
    var page: [String: any Sendable] = [
      "secretId": secret.id.description, "keyId": key.id.description, "prefix": secret.prefix,
      "madeAt": RFC3339.string(secret.createdAt),
    ]
    page["endsAt"] = secret.expiresAt.map(RFC3339.string)
    page["lastUsedAt"] = secret.lastUsedAt.map(RFC3339.string)
    page["use"] = secret.use(at: visit.now).rawValue
    page["isOld"] = key.secrets.count > 1 && secret.id == key.secrets.first?.id
    page["canBeRetired"] = key.secrets.count > 1
    page["usedAgo"] = secret.lastUsedAt.map { words.ago($0, now: visit.now) }
    return words.saying("secret.", ["use"], in: page).withTimes
  }
}
