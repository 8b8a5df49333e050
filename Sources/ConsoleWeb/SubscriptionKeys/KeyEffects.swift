import Console
import Foundation
import Model

/// What stops where a key is refused, is taken from some providers, or ends sooner.
extension SignedInVisit {
  /// Who uses a key, and what it can no longer call.
  func effects(ofRefusing key: SubscriptionKey) async throws -> [String] {
    let (received, next) = try await console.receivedAuthorizations(of: key.id, SliceRequest(), as: principal)
    let lost = losses(received, isAll: next == nil)
    return [use(of: key.secrets)] + (lost.isEmpty ? [words["key.refuse.unauthorized"]] : lost)
  }

  /// What a change of a key takes from its programs; nothing where it takes nothing.
  func effects(of changes: SubscriptionKey.Changes, on key: SubscriptionKey) async throws -> [String] {
    guard key.state == .active, key.expiresAt.map({ $0 > visit.now }) ?? true else { return [] }
    var effects: [String] = []
    if let end = key.expiresAt.shortened(by: changes.expiresAt) {
      effects.append(words["key.edit.ends", ["moment": Words.moment(end), "ahead": words.ahead(end, now: visit.now)]])
    }
    if let providers = changes.providers.value {
      let (received, next) = try await console.receivedAuthorizations(
        of: key.id, SliceRequest(limit: 200), as: principal)
      let others = received.filter { authorization in !providers.contains(authorization.provider.slug) }
      effects += losses(others, isAll: next == nil)
    }
    return effects.isEmpty ? [] : [use(of: key.secrets)] + effects
  }

  /// What an earlier end of one of a key's secrets takes from the programs that send it.
  func effects(
    of changes: SubscriptionKey.SecretChanges, on secret: SubscriptionKey.Secret, of key: SubscriptionKey
  ) -> [String] {
    guard secret.use(at: visit.now) != .ended, key.state == .active,
      let end = secret.expiresAt.shortened(by: changes.expiresAt)
    else { return [] }
    return [
      use(of: [secret]),
      words["key.edit.ends", ["moment": Words.moment(end), "ahead": words.ahead(end, now: visit.now)]],
    ]
  }

  /// What of these authorizations counts now and would no longer.
  private func losses(_ received: [ReceivedAuthorization], isAll: Bool) -> [String] {
    let targets = received.filter { $0.state == .active }.flatMap { authorization in
      authorization.targets.map { name($0, of: authorization.provider) }
    }
    let rest = targets.count - 8
    return targets.prefix(8).map { words["key.refuse.loses", ["target": $0]] }
      + (rest > 0 || !isAll && !targets.isEmpty
        ? [words[isAll ? "key.refuse.more" : "key.refuse.moreThan", ["count": "\(max(rest, 0))"]]] : [])
      + (targets.isEmpty ? [] : [words["key.refuse.observed"]])
  }

  private func name(_ target: ReceivedAuthorization.Target, of provider: FoundSubscription.Owner) -> String {
    let environment = words["authorization.environment.\(target.environment.rawValue)"]
    return words[
      "key.refuse.target",
      ["provider": "\(provider.name)", "group": "\(target.groupName)", "environment": environment]]
  }

  private func use(of secrets: [SubscriptionKey.Secret]) -> String {
    guard let used = secrets.compactMap(\.lastUsedAt).max() else { return words["key.refuse.unused"] }
    return words["key.refuse.used", ["moment": Words.moment(used), "ago": words.ago(used, now: visit.now)]]
  }
}

extension Date? {
  /// The end that a change makes earlier than this one, of which nil is none at all; nil where it does not.
  func shortened(by change: Change<Date>) -> Date? {
    guard let end = change.value, self.map({ end < $0 }) ?? true else { return nil }
    return end
  }
}
