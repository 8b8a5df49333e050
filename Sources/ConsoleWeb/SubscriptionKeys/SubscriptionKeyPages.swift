import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  static let subscriptionKeyPages: [PageRoute] = [
    .get("/subscription-keys") { visit in
      let list = try visit.list(SubscriptionKey.Filter.query, kept: ["q", "state"])
      let keys = try await visit.console.subscriptionKeys(list.filter, list.slice(), as: visit.principal)
      var page = list.page(keys) { visit.words.saying("key.", in: SubscriptionKey.shape.json($0).members) }
      page["q"] = visit.visit.query["q"]
      page["states"] = visit.choices(
        ["active", "disabled", "deleted"], "key.state.", chosen: visit.visit.query["state"])
      return .page("subscription-keys.list", title: "keys.title", page)
    },
    .get("/subscription-keys/new") { visit in
      .page("subscription-keys.new", title: "key.new.title", ["form": newKeyForm.page(words: visit.words)])
    },
    .post("/subscription-keys/new") { visit in
      try await visit.visit.submitting(newKeyForm) { form, status in
        .page("subscription-keys.new", title: "key.new.title", ["form": form], status: status)
      } perform: { draft in
        let issued = try await visit.console.createSubscriptionKey(draft, as: visit.principal)
        return .page(
          "subscription-keys.created", title: "key.created.title", SubscriptionKey.Issued.shape.json(issued).members)
      }
    },
    .get("/subscription-keys/{id}") { visit in
      let key = try await visit.console.subscriptionKey(visit.id(), as: visit.principal)
      return .page(
        "subscription-keys.detail", title: "key.title",
        [
          "key": visit.words.saying("key.", in: SubscriptionKey.shape.json(key).members)
        ])
    },
  ]

  private static let newKeyForm = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "key.name", isRequired: true, maximumLength: 100),
      FormField(name: "description", kind: .area, word: "key.description"),
      FormField(name: "expiresAt", kind: .time, word: "key.expiresAt"),
      FormField(name: "providers", kind: .list, word: "key.providers"),
    ], shape: SubscriptionKey.Draft.shape, submit: "key.create")
}
