import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  static let secretPages: [PageRoute] = [
    .get("/subscription-keys/{id}/rotate", requires: .manageKeys) { visit in
      rotation(of: try await visit.managedKey(), rotateForm.page(OnceOnly.form(), words: visit.words), visit)
    },
    .post("/subscription-keys/{id}/rotate", requires: .manageKeys) { visit in
      let key = try await visit.key()
      return try await visit.visit.submitting(rotateForm) { form, status in
        rotation(of: key, form, visit, status)
      } perform: { draft in
        let outcome = try await visit.once(naming: { $0.issued.secret.prefix }) { console in
          try await console.rotateSubscriptionKey(key.id, draft, as: visit.principal)
        }
        guard case .done(let rotation) = outcome else {
          return .redirect(to: "/subscription-keys/\(key.id)", saying: "secretMadeAlready")
        }
        var rotated = key
        rotated.secrets = rotation.secrets
        return visit.reveal(
          rotation.issued, of: rotated, title: "key.rotated.title", address: try await visit.address(for: key))
      }
    },
    .get("/subscription-keys/{id}/secrets/{secretId}/retire", requires: .manageKeys) { visit in
      let (key, secret) = try await visit.keyAndSecret()
      return Confirmation(
        word: "secret.retire", name: "\(secret.prefix)…", effects: visit.effects(ofRetiring: secret, of: key),
        missed: try await visit.missed(by: .secret(secret.id, of: key.id)), back: "/subscription-keys/\(key.id)"
      ).page(visit.words)
    },
    .post("/subscription-keys/{id}/secrets/{secretId}/retire", requires: .manageKeys) { visit in
      let key: ID<SubscriptionKey> = try visit.id()
      try await visit.console.deleteSecret(visit.id("secretId"), of: key, as: visit.principal)
      return .redirect(to: "/subscription-keys/\(key)", saying: "secretRetired")
    },
    .get("/subscription-keys/{id}/secrets/{secretId}/end", requires: .manageKeys) { visit in
      let (key, secret) = try await visit.keyAndSecret()
      return ending(of: secret, of: key, endForm.page(visit.filling(secret), words: visit.words))
    },
    .post("/subscription-keys/{id}/secrets/{secretId}/end", requires: .manageKeys) { visit in
      let (key, secret) = try await visit.keyAndSecret()
      return try await visit.visit.submitting(endForm, changing: visit.filling(secret)) { form, status in
        ending(of: secret, of: key, form, status)
      } asking: { changes in
        let effects = visit.effects(of: changes, on: secret, of: key)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "secret.end.confirm", name: "\(secret.prefix)…", effects: effects,
          missed: try await visit.missed(by: changes.reached(of: secret.id, of: key.id)),
          back: "/subscription-keys/\(key.id)")
      } perform: { changes in
        _ = try await visit.console.updateSecret(
          secret.id, of: key.id, to: changes, expecting: .any, as: visit.principal)
        return .redirect(to: "/subscription-keys/\(key.id)", saying: "secretEndChanged")
      }
    },
  ]

  private static func rotation(
    of key: SubscriptionKey, _ form: [String: any Sendable], _ visit: SignedInVisit, _ status: Int = 200
  ) -> PageAnswer {
    let live = key.secrets.filter { $0.use(at: visit.visit.now) != .ended }
    return .page(
      "subscription-keys.rotate", title: "key.rotate.title",
      [
        "form": form, "id": key.id.description, "name": key.name.description,
        "isFull": live.count >= SubscriptionKey.maximumSecrets,
        Layout.keepsTyped: live.count < SubscriptionKey.maximumSecrets,
        "secrets": key.secrets.map { visit.page($0, of: key) },
      ], status: status)
  }

  private static func ending(
    of secret: SubscriptionKey.Secret, of key: SubscriptionKey, _ form: [String: any Sendable], _ status: Int = 200
  ) -> PageAnswer {
    .page(
      "subscription-keys.end-secret", title: "secret.end.title",
      ["form": form, "id": key.id.description, "name": key.name.description, "prefix": secret.prefix], status: status)
  }

  private static let rotateForm = Form(
    fields: [FormField(name: "expiresAt", kind: .time, word: "secret.expiresAt")],
    shape: SubscriptionKey.SecretDraft.shape, submit: "key.rotate.submit", hidden: [OnceOnly.field])

  private static let endForm = Form(
    fields: [FormField(name: "expiresAt", kind: .time, word: "secret.endsAt")],
    shape: SubscriptionKey.SecretChanges.shape, submit: "secret.end.submit")
}

extension SignedInVisit {
  /// The key that the path names.
  func key() async throws -> SubscriptionKey {
    try await console.subscriptionKey(id(), as: principal)
  }

  /// The same for pages that do nothing but change it.
  ///
  /// - Throws: `ConsoleError.forbidden`.
  func managedKey() async throws -> SubscriptionKey {
    let key = try await key()
    try requireManaging(key)
    return key
  }

  /// - Throws: `ConsoleError.forbidden`.
  func requireManaging(_ key: SubscriptionKey) throws {
    guard manages(key) else { throw ConsoleError.forbidden }
  }

  fileprivate func keyAndSecret() async throws -> (SubscriptionKey, SubscriptionKey.Secret) {
    let (key, id) = (try await managedKey(), try id("secretId") as ID<SubscriptionKey.Secret>)
    guard let secret = key.secrets.first(where: { $0.id == id }) else { throw ConsoleError.notFound }
    return (key, secret)
  }

  fileprivate func filling(_ secret: SubscriptionKey.Secret) -> TypedForm {
    TypedForm(secret.expiresAt.map { ["expiresAt": FormField.local($0)] } ?? [:])
  }

  /// Where something is live that the key may call; nil where nothing is.
  fileprivate func address(for key: SubscriptionKey) async throws -> String? {
    let (received, _) = try await console.receivedAuthorizations(of: key.id, SliceRequest(), as: principal)
    let target = received.lazy.filter { $0.state == .active }.flatMap(\.targets).first(where: \.isLive)
    return target.map { visit.gatewayURL.shown + $0.path }
  }

  fileprivate func effects(ofRetiring secret: SubscriptionKey.Secret, of key: SubscriptionKey) -> [String] {
    var effects = ["secret.retire." + secret.use(at: visit.now).rawValue].map { word in
      guard let used = secret.lastUsedAt else { return words[word] }
      return words[word, ["moment": Words.moment(used), "ago": words.ago(used, now: visit.now)]]
    }
    if let other = key.secrets.first(where: { $0.id != secret.id }) {
      effects.append(words["secret.retire.other", ["prefix": "\(other.prefix)…"]])
    }
    return effects + [words["secret.retire.final"]]
  }
}
