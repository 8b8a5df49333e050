import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  static let groupListPages: [PageRoute] = PageRoute.searchable("/api-groups", kept: ["q", "limitPolicyId"]) { visit in
    let list = try visit.list(APIGroup.Filter.query, kept: ["q", "limitPolicyId"], by: ["createdAt", "name"])
    let groups = try await visit.console.apiGroups(list.filter, list.slice(), as: visit.principal)
    var page = list.page(groups) { visit.row(of: $0) }
    page["q"] = visit.visit.query["q"] ?? ""
    page["limitPolicy"] = try await visit.filteringPolicy()
    page["mayManage"] = visit.mayManageGroups
    page["environments"] = DeploymentEnvironment.allCases.map { visit.name(of: $0) }
    return .page("api-groups.list", title: "groups.title", page)
  }

  /// Making a group.
  static let newGroupPages: [PageRoute] = [
    .get("/api-groups/new", requires: .manageGroups) { visit in
      let form = newGroupForm.page(TypedForm(["accessMode": "required"]), words: visit.words)
      return .page("api-groups.new", title: "group.new.title", ["form": form])
    },
    .post("/api-groups/new", requires: .manageGroups) { visit in
      try await visit.visit.submitting(newGroupForm) { form, status in
        .page("api-groups.new", title: "group.new.title", ["form": form], status: status)
      } perform: { draft in
        let group = try await visit.console.createAPIGroup(draft, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)", saying: "group.created")
      }
    },
  ]

  private static let newGroupForm = Form(
    fields: [
      groupName, groupDescription, groupPrefix,
      FormField(name: "accessMode", kind: .accessMode, word: "access.title"), groupKeyHeaders,
    ], shape: APIGroup.Draft.shape, submit: "group.create")

  static let groupName = FormField(
    name: "name", kind: .text, word: "group.name", isRequired: true, maximumLength: 100)
  static let groupDescription = FormField(name: "description", kind: .area, word: "group.description")
  static let groupPrefix = FormField(
    name: "prefix", kind: .text, word: "group.prefix", isRequired: true, maximumLength: 63)
  static let groupKeyHeaders = FormField(name: "keyHeaders", kind: .list, word: "group.keyHeaders")
}

extension SignedInVisit {
  /// A group in the list: its access mode, and what is live in each environment.
  fileprivate func row(of group: APIGroup) -> [String: any Sendable] {
    var row = APIGroup.shape.json(group).members
    row["accessModeWord"] = words["access.mode.\(group.accessMode.rawValue)"]
    row["live"] = group.environments.map { environment -> [String: any Sendable] in
      [
        "isLive": environment.version != nil, "version": environment.version?.description ?? "",
        "where": name(of: environment.environment),
      ]
    }
    return row
  }
}
