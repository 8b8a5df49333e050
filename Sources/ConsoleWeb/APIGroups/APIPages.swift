import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// The APIs of a group's draft.
  static let apiListPages: [PageRoute] = PageRoute.searchable("/api-groups/{id}/apis", kept: ["q"]) { visit in
    let group = try await visit.group()
    let list = try visit.list(API.Filter.query, kept: ["q"], by: ["createdAt", "path"])
    let apis = try await visit.console.apis(of: group.id, list.filter, list.slice(), as: visit.principal)
    var page = list.page(apis) { visit.words.api(API.shape.json($0)) }
    page["q"] = visit.visit.query["q"] ?? ""
    return .page("api-groups.apis", title: "apis.title", visit.page(of: group, tab: "/apis", page))
  }

  static let apiPages: [PageRoute] = [
    .get("/api-groups/{id}/apis/new", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let form = newAPIForm.page(TypedForm(["method": "GET", "match": "exact"]), words: visit.words)
      return visit.apiPage("api.new.title", of: group, ["form": form])
    },
    .post("/api-groups/{id}/apis/new", requires: .manageGroups) { visit in
      let group = try await visit.group()
      return try await visit.visit.submitting(newAPIForm) { form, status in
        visit.apiPage("api.new.title", of: group, ["form": form], status: status)
      } perform: { draft in
        _ = try await visit.console.createAPI(draft, in: group.id, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/apis", saying: "api.created")
      }
    },
    .get("/api-groups/{id}/apis/{api}") { visit in
      let (group, api) = try await visit.api()
      guard visit.mayManageGroups else {
        let facts = visit.words.api(API.shape.json(api))
        return visit.apiPage("api.title", of: group, ["facts": facts])
      }
      let form = editAPIForm.page(filling(api), words: visit.words)
      return visit.apiPage("api.edit.title", of: group, visit.edited(api, form))
    },
    .post("/api-groups/{id}/apis/{api}", requires: .manageGroups) { visit in
      let (group, api) = try await visit.api()
      return try await visit.visit.submitting(editAPIForm, overtaking: filling(api)) { form, status in
        visit.apiPage("api.edit.title", of: group, visit.edited(api, form), status: status)
      } perform: { changes in
        _ = try await visit.console.updateAPI(
          api.id, of: group.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/apis", saying: "api.updated")
      }
    },
    .get("/api-groups/{id}/apis/{api}/delete", requires: .manageGroups) { visit in
      let (group, api) = try await visit.api()
      let effects = group.environments.contains { $0.version != nil } ? [visit.words["api.delete.live"]] : []
      return Confirmation(
        word: "api.delete", name: visit.words.qualified("\(api.name)", "\(api.pattern)"), effects: effects,
        back: "/api-groups/\(group.id)/apis"
      ).page(visit.words)
    },
    .post("/api-groups/{id}/apis/{api}/delete", requires: .manageGroups) { visit in
      let group: ID<APIGroup> = try visit.id()
      try await visit.console.deleteAPI(visit.id("api"), of: group, as: visit.principal)
      return .redirect(to: "/api-groups/\(group)/apis", saying: "api.deleted")
    },
  ]

  private static let newAPIForm = Form(
    fields: apiFields(.leftOut), shape: API.Draft.shape, submit: "api.create")
  private static let editAPIForm = Form(
    fields: apiFields(.cleared), shape: API.Changes.shape, submit: "api.save", hidden: [FormVersion.field])

  /// What the form that changes an API is filled with.
  private static func filling(_ api: API) -> TypedForm {
    var typed = editAPIForm.filled(from: API.shape.json(api))
    typed[FormVersion.field] = RFC3339.string(api.updatedAt)
    return typed
  }

  private static func apiFields(_ whenEmpty: FormField.Emptiness) -> [FormField] {
    let names = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    let methods: [(value: String, word: String)] = names.map { ($0, $0) } + [("ANY", "api.any")]
    let matches: [(value: String, word: String)] = ["exact", "prefix"].map { ($0, "api.match.\($0)") }
    return [
      FormField(name: "method", kind: .choice(methods), word: "api.method", isRequired: true),
      FormField(name: "path", kind: .text, word: "api.path", isRequired: true, maximumLength: 1024),
      FormField(name: "match", kind: .radio(matches), word: "api.match", isRequired: true),
      FormField(name: "name", kind: .text, word: "api.name", isRequired: true, maximumLength: 100),
      FormField(name: "description", kind: .area, word: "api.description", whenEmpty: whenEmpty),
    ]
  }
}

extension SignedInVisit {
  fileprivate func api() async throws -> (APIGroup, API) {
    let group = try await group()
    return (group, try await console.api(id("api"), of: group.id, as: principal))
  }

  fileprivate func edited(_ api: API, _ form: [String: any Sendable]) -> [String: any Sendable] {
    ["form": form, "api": API.shape.json(api).members]
  }

  fileprivate func apiPage(
    _ title: String, of group: APIGroup, _ more: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    var page = page(of: group, tab: "/apis", more)
    page["heading"] = words[title]
    return .page("api-groups.api", title: title, page, status: status)
  }
}

extension Words {
  /// An API, of a draft or frozen, as tables show it.
  func api(_ json: JSONValue) -> [String: any Sendable] {
    var row = saying("api.", ["match"], in: json.members)
    row["description"] = row["description"] ?? ""
    row["isPrefix"] = row["match"] as? String == "prefix"
    if row["method"] as? String == "ANY" { row["method"] = self["api.any"] }
    return row
  }
}
