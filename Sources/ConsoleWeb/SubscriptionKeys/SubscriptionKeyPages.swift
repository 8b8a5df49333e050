import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  static let keyListPages: [PageRoute] = PageRoute.searchable("/subscription-keys", kept: ["q", "state"]) { visit in
    var page = try await keyList(visit)
    page["q"] = visit.visit.query["q"]
    page["states"] = visit.choices(
      ["active", ExpiringKeys.state, "expired", "disabled", "deleted"], "key.state.", chosen: visit.visit.query["state"]
    )
    page["canCreate"] = visit.may(.manageKeys)
    return .page("subscription-keys.list", title: "keys.title", page)
  }

  static let subscriptionKeyPages: [PageRoute] = [
    .get("/subscription-keys/new", requires: .manageKeys) { visit in
      return newKey(newKeyForm.page(OnceOnly.form(), words: visit.words))
    },
    .post("/subscription-keys/new", requires: .manageKeys) { visit in
      try await visit.visit.submitting(newKeyForm) { form, status in
        newKey(form, status)
      } perform: { draft in
        let outcome = try await visit.once(naming: { $0.key.id.description }) { console in
          try await console.createSubscriptionKey(draft, as: visit.principal)
        }
        switch outcome {
        case .repeated(let id): return .redirect(to: "/subscription-keys/\(id)", saying: "keyMadeAlready")
        case .done(let issued):
          return visit.reveal(issued.secret, of: issued.key, title: "key.created.title", address: nil)
        }
      }
    },
    .get("/subscription-keys/{id}") { visit in
      let key = try await visit.keyOrDeleted()
      if key.state == .deleted { return .page("subscription-keys.deleted", title: "key.title", visit.deleted(key)) }
      return .page("subscription-keys.detail", title: "key.title", try await visit.detail(key))
    },
    .get("/subscription-keys/{id}/edit", requires: .manageKeys) { visit in
      let key = try await visit.managedKey()
      return editKey(key, editKeyForm.page(visit.filling(key), words: visit.words))
    },
    .post("/subscription-keys/{id}/edit", requires: .manageKeys) { visit in
      let key = try await visit.console.subscriptionKey(visit.id(), as: visit.principal)
      return try await visit.visit.submitting(editKeyForm, changing: visit.filling(key)) { form, status in
        editKey(key, form, status)
      } asking: { changes in
        let effects = try await visit.effects(of: changes, on: key)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "key.edit.confirm", name: "\(key.name)", effects: effects,
          missed: try await visit.missed(by: changes.reached(of: key.id)), back: "/subscription-keys/\(key.id)")
      } perform: { changes in
        _ = try await visit.console.updateSubscriptionKey(
          key.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/subscription-keys/\(key.id)", saying: "keyChanged")
      }
    },
  ]

  private static func keyList(_ visit: SignedInVisit) async throws -> [String: any Sendable] {
    guard visit.visit.query["state"] == ExpiringKeys.state else {
      let list = try visit.list(
        SubscriptionKey.Filter.query, kept: ["q", "state"], by: ["createdAt", "name"])
      let keys = try await visit.console.subscriptionKeys(list.filter, list.slice(), as: visit.principal)
      return list.page(keys, visit.page)
    }
    let list = try visit.list(ExpiringKeys.query, kept: ["q", "state"])
    let keys = try await visit.console.expiringSubscriptionKeys(
      by: SubscriptionKey.soon(after: visit.visit.now), list.filter.text, list.slice(), as: visit.principal)
    return list.page(keys, visit.page)
  }

  private static func newKey(_ form: [String: any Sendable], _ status: Int = 200) -> PageAnswer {
    .page("subscription-keys.new", title: "key.new.title", ["form": form], status: status)
  }

  private static func editKey(
    _ key: SubscriptionKey, _ form: [String: any Sendable], _ status: Int = 200
  ) -> PageAnswer {
    .page(
      "subscription-keys.edit", title: "key.edit.title",
      ["form": form, "id": key.id.description, "name": key.name.description], status: status)
  }

  private static let keyFields = [
    FormField(name: "name", kind: .text, word: "key.name", isRequired: true, maximumLength: 100),
    FormField(name: "description", kind: .area, word: "key.description"),
    FormField(name: "expiresAt", kind: .time, word: "key.expiresAt"),
    FormField(
      name: who, kind: .radio([(value: "", word: "key.providers.any"), (value: some, word: "key.providers.some")]),
      word: "key.providers", whenEmpty: .cleared, member: "providers"),
    FormField(
      name: "providers", kind: .list, word: "key.providers.list", whenEmpty: .kept, only: (name: who, value: some)),
  ]

  /// The field that says whether only some providers may authorize a key, and its value then.
  static let (who, some) = ("providers/who", "some")

  /// That only some may is told by those, who may be none.
  private static func namingProviders(_ json: JSONValue) -> JSONValue {
    guard case .object(let members) = json, json["providers"] == .string(some) else { return json }
    return .object(members.map { $0.name == "providers" ? JSONValue.Member("providers", .array([])) : $0 })
  }

  private static let newKeyForm = Form(
    fields: keyFields, shape: SubscriptionKey.Draft.shape, submit: "key.create", hidden: [OnceOnly.field],
    adapt: namingProviders)

  private static let editKeyForm = Form(
    fields: keyFields, shape: SubscriptionKey.Changes.shape, submit: "key.edit.submit", hidden: [FormVersion.field],
    adapt: namingProviders)
}

/// The keys that are about to expire, as the list's address asks for them.
private struct ExpiringKeys {
  /// What stands for them among the states.
  static let state = "expiring"

  let text: SearchText?
  let state: String?

  static let query = Shape<ListQuery<ExpiringKeys>>.request(
    "ExpiringKeyQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .given("q", \.filter.text, .text),
    .given("state", \.filter.state, .string(0...20))
  ) { ListQuery(limit: $0, cursor: $1, filter: ExpiringKeys(text: $2, state: $3)) }
}
