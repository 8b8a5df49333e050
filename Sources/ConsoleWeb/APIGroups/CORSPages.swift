import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// What pages of other origins may do with a group's answers.
  static let corsPages: [PageRoute] = [
    .get("/api-groups/{id}/cors", requires: .manageGroups) { visit in
      let group = try await visit.group()
      var typed = corsForm.filled(from: APIGroup.shape.json(group))
      if group.cors == nil {
        typed = TypedForm(["cors/allowedMethods": "*", "cors/allowedHeaders": "*", "cors/maxAgeSeconds": "5"])
      }
      return visit.corsPage(of: group, form: corsForm.page(typed, words: visit.words))
    },
    .post("/api-groups/{id}/cors", requires: .manageGroups) { visit in
      let group = try await visit.group()
      return try await visit.visit.submitting(corsForm) { form, status in
        visit.corsPage(of: group, form: form, status: status)
      } asking: { changes in
        let effects = try changes.cors.value.map { try visit.effects(of: $0, on: group) } ?? []
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "cors.confirm", name: "\(group.name)", effects: effects, back: "/api-groups/\(group.id)/cors")
      } perform: { changes in
        _ = try await visit.console.updateAPIGroup(group.id, to: changes, expecting: .any, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/cors", saying: "cors.updated")
      }
    },
    .get("/api-groups/{id}/cors/delete", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let origins = group.cors?.allowedOrigins.map(\.description).joined(separator: visit.words["list.comma"]) ?? ""
      return Confirmation(
        word: "cors.delete", name: group.name.description,
        effects: [visit.words["cors.delete.effect", ["origins": origins]]],
        back: "/api-groups/\(group.id)/cors"
      ).page(visit.words)
    },
    .post("/api-groups/{id}/cors/delete", requires: .manageGroups) { visit in
      let group: ID<APIGroup> = try visit.id()
      let none = APIGroup.Changes(
        name: nil, description: .keep, prefix: nil, accessMode: nil, keyHeaders: .keep, cors: .clear)
      _ = try await visit.console.updateAPIGroup(group, to: none, expecting: .any, as: visit.principal)
      return .redirect(to: "/api-groups/\(group)/cors", saying: "cors.deleted")
    },
  ]

  private static let corsForm = Form(
    fields: [
      FormField(name: "cors/allowedOrigins", kind: .list, word: "cors.origins", isRequired: true),
      FormField(name: "cors/allowedMethods", kind: .list, word: "cors.methods", whenEmpty: .cleared),
      FormField(name: "cors/allowedHeaders", kind: .list, word: "cors.headers", whenEmpty: .cleared),
      FormField(name: "cors/exposedHeaders", kind: .list, word: "cors.exposedHeaders", whenEmpty: .cleared),
      FormField(name: "cors/allowCredentials", kind: .checkbox, word: "cors.credentials"),
      FormField(name: "cors/maxAgeSeconds", kind: .number, word: "cors.maxAge", whenEmpty: .cleared),
    ], shape: APIGroup.Changes.shape, submit: "cors.save")
}

extension SignedInVisit {
  fileprivate func corsPage(of group: APIGroup, form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    let more: [String: any Sendable] = ["form": form, "hasPolicy": group.cors != nil]
    return .page("api-groups.cors", title: "cors.title", page(of: group, tab: "/edit", more), status: status)
  }
}
