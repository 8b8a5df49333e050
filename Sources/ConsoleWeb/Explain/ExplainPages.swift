import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model

/// Why a call was refused.
extension ConsoleWeb {
  static let explainPages: [PageRoute] = [
    .get("/explain") { visit in
      let keys = try await visit.ownKeys(with: visit.visit.query["subscriptionId"])
      let typed = keys.contains { $0.id == visit.visit.query["subscriptionId"] } ? "key" : "subscriptionId"
      let asked = TypedForm([
        typed: visit.visit.query["subscriptionId"] ?? "", "method": visit.visit.query["method"] ?? "GET",
        "url": visit.visit.query["url"] ?? "",
      ])
      return .page(
        "explain.explain", title: "explain.title",
        ["form": questionForm(keys, visit.words).page(asked, words: visit.words)])
    },
    .post("/explain", requires: .anyRole) { visit in
      let form = questionForm(try await visit.ownKeys(with: visit.visit.form["key"]), visit.words)
      return try await visit.visit.submitting(form) { form, status in
        .page("explain.explain", title: "explain.title", ["form": form], status: status)
      } perform: { question in
        let explanation = try await visit.console.explain(question, now: visit.visit.now, as: visit.principal)
        let shown = form.page(visit.visit.form, words: visit.words, takesFocus: false)
        let isOwn = (try? await visit.console.subscriptionKey(question.key(), as: visit.principal)) != nil
        return .page(
          "explain.explain", title: "explain.title",
          ["form": shown, "explained": explanation.page(question, isOwnKey: isOwn, visit.words)])
      }
    },
  ]

  private static func questionForm(_ keys: [KeyChoice], _ words: Words) -> Form<Explanation.Question> {
    Form(
      fields: [
        FormField(name: "key", kind: .options(keys.options(none: words["explain.key.other"])), word: "explain.key"),
        FormField(name: "subscriptionId", kind: .text, word: "explain.subscriptionId", maximumLength: 100),
        FormField(name: "method", kind: .options(TrialCall.methodOptions), word: "explain.method", isRequired: true),
        FormField(
          name: "url", kind: .text, word: "explain.url", isRequired: true, maximumLength: 8000, masksSecrets: true),
        FormField(name: "at", kind: .time, word: "explain.at"),
        FormField(name: "origin", kind: .text, word: "explain.origin", maximumLength: 300),
        FormField(
          name: "accessControlRequestMethod", kind: .options([(value: "", label: "–")] + TrialCall.methodOptions),
          word: "explain.requestMethod"),
      ], shape: Explanation.Question.shape, submit: "explain.submit", adapt: questionOfAKey)
  }

  /// The key is typed, or else chosen from a list.
  private static func questionOfAKey(_ json: JSONValue) -> JSONValue {
    guard case .object(let members) = json else { return json }
    let others = members.filter { $0.name != "key" }
    if json["subscriptionId"] != nil { return .object(others) }
    return .object(others + [JSONValue.Member("subscriptionId", json["key"] ?? .string(""))])
  }
}

extension Explanation.Question {
  /// - Throws: `ConsoleError.notFound` for a text that is no key's id.
  fileprivate func key() throws -> ID<SubscriptionKey> {
    guard let id = subscription.id else { throw ConsoleError.notFound }
    return id
  }
}

/// One of the tenant's own keys, as a list offers it.
struct KeyChoice: Sendable {
  let id, name: String
}

extension [KeyChoice] {
  /// - Parameter none: what is said for none of them.
  func options(none: String) -> [(value: String, label: String)] {
    [(value: "", label: none)] + map { (value: $0.id, label: "\($0.name.isolated) (\($0.id.prefix(10))…)") }
  }
}

extension SignedInVisit {
  /// The newest of the tenant's keys, and the one that is named if it is the tenant's: what a list can offer of a million
  /// on a page that stays small.
  func ownKeys(with named: String? = nil) async throws -> [KeyChoice] {
    let keys = try await console.subscriptionKeys(
      SubscriptionKey.Filter(text: nil, state: nil), SliceRequest(limit: 100), as: principal)
    let choices = keys.items.map { KeyChoice(id: "\($0.id)", name: "\($0.name)") }.fitting(12_000) { $0.name }
    guard let named, !choices.contains(where: { $0.id == named }), let id = ID<SubscriptionKey>(named) else {
      return choices
    }
    do {
      let key = try await console.subscriptionKey(id, as: principal)
      return [KeyChoice(id: named, name: "\(key.name)")] + choices
    } catch ConsoleError.notFound {
      return choices
    }
  }
}
