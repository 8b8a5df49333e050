import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// Changing a group and deleting it.
  static let groupEditPages: [PageRoute] = [
    .get("/api-groups/{id}/edit", requires: .manageGroups) { visit in
      let (group, form) = try await visit.editedGroup()
      let page = form.page(visit.filled(form, from: group), words: visit.words)
      return visit.editPage(of: group, form: page)
    },
    .post("/api-groups/{id}/edit", requires: .manageGroups) { visit in
      let (group, form) = try await visit.editedGroup()
      return try await visit.visit.submitting(form, overtaking: visit.filled(form, from: group)) { page, status in
        visit.editPage(of: group, form: page, status: status)
      } asking: { changes in
        let effects = visit.effects(of: changes, on: group)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "group.edit.confirm", name: "\(group.name)", effects: effects,
          missed: try await visit.missed(by: changes.reached(of: group.id)), back: "/api-groups/\(group.id)/edit")
      } perform: { changes in
        _ = try await visit.console.updateAPIGroup(
          group.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)", saying: "group.updated")
      }
    },
    .get("/api-groups/{id}/delete", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let live = group.environments.filter { $0.version != nil }
      guard live.isEmpty else { return visit.stillLive(group, live) }
      return try await visit.deletion(of: group).page(visit.words)
    },
    .post("/api-groups/{id}/delete", requires: .manageGroups) { visit in
      try await visit.console.deleteAPIGroup(visit.id(), as: visit.principal)
      return .redirect(to: "/api-groups", saying: "group.deleted")
    },
  ]
}

extension SignedInVisit {
  /// The group and the form that changes it; a prefix that was released is not in it.
  fileprivate func editedGroup() async throws -> (APIGroup, Form<APIGroup.Changes>) {
    let group = try await group()
    let filter = Deployment.Filter(environment: nil)
    let deployments = try await console.deployments(of: group.id, filter, SliceRequest(limit: 1), as: principal)
    var (description, headers) = (ConsoleWeb.groupDescription, ConsoleWeb.groupKeyHeaders)
    (description.whenEmpty, headers.whenEmpty) = (.cleared, .cleared)
    let prefix = deployments.items.isEmpty ? [ConsoleWeb.groupPrefix] : []
    let fields = [ConsoleWeb.groupName, description] + prefix + [headers]
    let form = Form(
      fields: fields, shape: APIGroup.Changes.shape, submit: "group.save", hidden: [FormVersion.field])
    return (group, form)
  }

  fileprivate func filled(_ form: Form<APIGroup.Changes>, from group: APIGroup) -> TypedForm {
    var typed = form.filled(from: APIGroup.shape.json(group))
    typed[FormVersion.field] = RFC3339.string(group.updatedAt)
    return typed
  }

  fileprivate func editPage(of group: APIGroup, form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    let names = (form["fields"] as? [[String: any Sendable]] ?? []).compactMap { $0["name"] as? String }
    let page = page(of: group, tab: "/edit", ["form": form, "isFrozen": !names.contains("prefix")])
    return .page("api-groups.edit", title: "group.edit.title", page, status: status)
  }

  /// Why a group cannot be deleted yet, and the way there.
  fileprivate func stillLive(_ group: APIGroup, _ live: [APIGroup.Environment]) -> PageAnswer {
    let environments = live.map { environment -> [String: any Sendable] in
      [
        "name": name(of: environment.environment),
        "path": "/api-groups/\(group.id)/environments/\(environment.environment.rawValue)/offline",
      ]
    }
    return .page(
      "api-groups.still-live", title: "group.delete", page(of: group, tab: "/edit", ["live": environments]))
  }

  fileprivate func deletion(of group: APIGroup) async throws -> Confirmation {
    let apis = try await console.apis(of: group.id, SliceRequest(limit: 200), as: principal)
    let revisions = try await console.revisions(of: group.id, SliceRequest(limit: 200), as: principal)
    let authorized = try await authorizations(for: group.id)
    let domains = try await domains(of: group.id)
    let counts: KeyValuePairs = ["apis": words.count(apis), "revisions": words.count(revisions)]
    var effects = [words["group.delete.contents", counts]]
    effects += words.lapsing(authorized, "group.delete.authorizations")
    effects += domains.map { words["group.delete.domain", ["host": $0.host.description]] }
    return Confirmation(
      word: "group.delete", name: group.name.description, effects: effects,
      missed: try await missed(by: .group(group.id)), back: "/api-groups/\(group.id)/edit")
  }
}
