import Console
import ConsoleAPI
import Contract
import Foundation
import Model

/// The key that was entered, and whose it is.
enum EnteredKey: Sendable {
  /// Nothing was entered yet.
  case none
  case found(FoundSubscription)
  case unknown
  /// This account has searched too often.
  case tooManySearches(Refusal)

  var found: FoundSubscription? {
    if case .found(let found) = self { found } else { nil }
  }

  /// Why it was not looked for.
  var refusal: Refusal? {
    if case .tooManySearches(let refusal) = self { refusal } else { nil }
  }

  /// The key of what is wrong with it.
  var complaint: String? {
    switch self {
    case .none, .found: nil
    case .unknown: "authorization.noSuchKey"
    case .tooManySearches: "problem.too_many_searches"
    }
  }
}

extension SignedInVisit {
  /// Looks up what was entered: one's own key by itself, any other by the search, which counts.
  func key(of entry: AuthorizationEntry) async throws -> EnteredKey {
    guard !entry.keyText.isEmpty else { return .none }
    do {
      guard entry.isOwn else { return .found(try await console.searchSubscription(entry.keyText, as: principal)) }
      guard let id = ID<SubscriptionKey>(entry.keyText) else { return .unknown }
      return .found(found(try await console.subscriptionKey(id, as: principal)))
    } catch ConsoleError.notFound {
      return .unknown
    } catch let error as ConsoleError {
      guard case .tooManySearches = error, let refusal = Refusal(error, path: visit.path) else { throw error }
      return .tooManySearches(refusal)
    }
  }

  private func found(_ key: SubscriptionKey) -> FoundSubscription {
    FoundSubscription(
      id: key.id, name: key.name, tenant: FoundSubscription.Owner(name: tenant.name, slug: tenant.slug))
  }

  /// One's own keys to choose from: the newest that are like what was looked for, and the one that is chosen.
  func ownKeys(for entry: AuthorizationEntry, _ key: EnteredKey) async throws -> [[String: any Sendable]] {
    let text = entry.typed["keySearch"].flatMap { SearchText($0) }
    let keys = try await console.subscriptionKeys(
      SubscriptionKey.Filter(text: text, state: .active), SliceRequest(limit: 25), as: principal)
    let chosen = entry.isOwn ? key.found : nil
    var choices = keys.items.map { ($0.id, $0.name) }.fitting(8_000) { "\($1) \($0)" }
    if let chosen, !choices.contains(where: { $0.0 == chosen.id }) { choices.insert((chosen.id, chosen.name), at: 0) }
    return choices.map { id, name in
      ["value": id.description, "label": "\(name.description.isolated) · \(id)", "selected": id == chosen?.id]
    }
  }

  /// The targets for which a key is authorized already, but for those of one authorization.
  func taken(
    for key: ID<SubscriptionKey>?, but authorization: ID<Authorization>? = nil
  ) async throws -> [EnteredTarget: ID<Authorization>] {
    guard let key else { return [:] }
    let filter = Authorization.Filter(subscription: key, group: nil, environment: nil, state: nil)
    let authorizations = try await console.authorizations(filter, SliceRequest(limit: 200), as: principal).items
    var taken: [EnteredTarget: ID<Authorization>] = [:]
    for other in authorizations where other.id != authorization && other.state != .expired {
      for target in other.targets {
        taken[EnteredTarget(group: "\(target.group)", environment: target.environment.rawValue)] = other.id
      }
    }
    return taken
  }
}
