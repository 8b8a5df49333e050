import Console
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  /// All pages of groups and what belongs to them.
  static let groupPages = [
    groupListPages, newGroupPages, environmentsPage, groupEditPages, corsPages, accessPages,
    environmentLimitPages, apiListPages, apiPages,
    importPages,
    revisionListPages, revisionPages, differencePages, releasePages, deploymentPages,
  ].flatMap(\.self)
}

/// What the pages of one group have in common.
extension SignedInVisit {
  /// Whether the role may change groups and what belongs to them.
  var mayManageGroups: Bool { may(.manageGroups) }

  /// The group that the path names.
  func group() async throws -> APIGroup {
    try await console.apiGroup(id(), as: principal)
  }

  /// The tenant's newest groups, and one that is named besides: what a list can offer on a page that stays small.
  func newestGroups(
    _ limit: Int, with named: ID<APIGroup>?
  ) async throws -> (offered: [APIGroup], areAll: Bool) {
    let newest = try await console.apiGroups(SliceRequest(limit: limit), as: principal)
    let groups = newest.items.fitting(120 * limit) { $0.name.description }
    let areAll = groups.count == newest.items.count && newest.next == nil
    guard let named, !groups.contains(where: { $0.id == named }) else { return (groups, areAll) }
    return (groups + (try await console.apiGroups(withIDs: [named], as: principal)), areAll)
  }

  /// The environment that the path names.
  func environment() throws -> DeploymentEnvironment {
    guard let environment = visit.parameters.get("environment").flatMap(DeploymentEnvironment.init(rawValue:)) else {
      throw ConsoleError.notFound
    }
    return environment
  }

  func name(of environment: DeploymentEnvironment) -> String { words["group.environment.\(environment.rawValue)"] }

  /// What the top of a group's page wants, and a template of its own.
  ///
  /// - Parameter tab: the last part of the path of the tab that the page belongs to.
  func page(of group: APIGroup, tab: String = "", _ more: [String: any Sendable] = [:]) -> [String: any Sendable] {
    var page: [String: any Sendable] = [
      "group": APIGroup.shape.json(group).members,
      "accessModeWord": words["access.mode.\(group.accessMode.rawValue)"], "mayManage": mayManageGroups,
    ]
    page["wayBack"] = visit.wayBack
    page["isLive"] = group.environments.contains { $0.version != nil }
    page["tabs"] = Self.tabs.filter { mayManageGroups || $0.0 != "/edit" }.map { path, word -> [String: any Sendable] in
      ["path": "/api-groups/\(group.id)\(path)", "label": words[word], "isCurrent": path == tab]
    }
    return page.merging(more) { $1 }
  }

  private static let tabs = [
    ("", "group.tab.environments"), ("/apis", "group.tab.apis"), ("/revisions", "group.tab.revisions"),
    ("/deployments", "group.tab.deployments"), ("/access", "group.tab.access"), ("/edit", "group.tab.edit"),
  ]
}

extension Words {
  /// A backend in a word: its URL, or that it is a mock.
  func backend(_ backend: Backend) -> String {
    switch backend {
    case .http(let url, _): "\(url)"
    case .mock(let response): self["group.backend.mock", ["status": String(response.status)]]
    }
  }
}
