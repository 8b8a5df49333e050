import Console
import ConsoleAPI
import Foundation
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// Disabling, enabling, deleting and restoring a key.
  static let keyStatePages: [PageRoute] = [
    .get("/subscription-keys/{id}/disable", requires: .manageKeys) { visit in
      let key = try await visit.managedKey()
      return Confirmation(
        word: "key.disable", name: key.name.description,
        effects: try await visit.effects(ofRefusing: key) + [visit.words["key.disable.back"]],
        missed: try await visit.missed(by: .key(key.id)), back: "/subscription-keys/\(key.id)"
      ).page(visit.words)
    },
    .post("/subscription-keys/{id}/disable", requires: .manageKeys) { visit in
      try await visit.set(.disabled, saying: "keyDisabled")
    },
    .post("/subscription-keys/{id}/enable", requires: .manageKeys) { visit in
      try await visit.set(.active, saying: "keyEnabled")
    },
    .get("/subscription-keys/{id}/delete", requires: .manageKeys) { visit in
      let key = try await visit.keyOrDeleted()
      try visit.requireManaging(key)
      let isDeleted = key.state == .deleted
      return Confirmation(
        word: isDeleted ? "key.compromised" : "key.delete", name: key.name.description,
        effects: isDeleted
          ? []
          : try await visit.effects(ofRefusing: key) + [visit.words["key.delete.back"]],
        missed: isDeleted ? nil : try await visit.missed(by: .key(key.id)),
        fields: isDeleted ? [] : [FormField(name: "compromised", kind: .checkbox, word: "key.delete.compromised")],
        back: "/subscription-keys/\(key.id)"
      ).page(visit.words)
    },
    .post("/subscription-keys/{id}/delete", requires: .manageKeys) { visit in
      let key = try await visit.keyOrDeleted()
      let isCompromised = key.state == .deleted || visit.visit.form["compromised"] != nil
      try await visit.console.deleteSubscriptionKey(key.id, asCompromised: isCompromised, as: visit.principal)
      return .redirect(
        to: "/subscription-keys/\(key.id)", saying: isCompromised ? "keyDeletedAsCompromised" : "keyDeleted")
    },
    .post("/subscription-keys/{id}/restore", requires: .manageKeys) { visit in
      let key = try await visit.console.restoreSubscriptionKey(visit.id(), as: visit.principal)
      return .redirect(to: "/subscription-keys/\(key.id)", saying: "keyRestored")
    },
  ]
}

extension SignedInVisit {
  fileprivate func set(_ state: SubscriptionKey.Setting, saying done: String) async throws -> PageAnswer {
    let changes = SubscriptionKey.Changes(
      name: nil, description: .keep, expiresAt: .keep, providers: .keep, state: state)
    let key = try await console.updateSubscriptionKey(id(), to: changes, expecting: .any, as: principal)
    return .redirect(to: "/subscription-keys/\(key.id)", saying: done)
  }
}
