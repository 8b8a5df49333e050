import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let authorizationListPages: [PageRoute] = PageRoute.searchable(
    "/authorizations", kept: authorizationFilters
  ) { visit in
    .page("authorizations.list", title: "authorizations.title", try await visit.authorizationList())
  }

  fileprivate static let authorizationFilters = [
    "q", "subscriptionId", "groupId", "environment", "state", "limitPolicyId",
  ]

  static let authorizationPages: [PageRoute] = [
    .get("/authorizations/{id}") { visit in
      let authorization = try await visit.authorization()
      return .page("authorizations.detail", title: "authorization.title", try await visit.detail(authorization))
    },
    .get("/authorizations/{id}/delete", requires: .manageAuthorizations) { visit in
      let authorization = try await visit.authorization()
      return Confirmation(
        word: "authorization.delete", name: authorization.subscription.name.description,
        effects: try await visit.effects(ofDeleting: authorization),
        missed: try await visit.missed(by: .authorization(authorization.id)),
        back: "/authorizations/\(authorization.id)"
      ).page(visit.words)
    },
    .post("/authorizations/{id}/delete", requires: .manageAuthorizations) { visit in
      try await visit.console.deleteAuthorization(visit.id(), as: visit.principal)
      return .redirect(to: "/authorizations", saying: "authorizationDeleted")
    },
  ]
}

extension SignedInVisit {
  /// The authorization that the path names.
  func authorization() async throws -> Authorization {
    try await console.authorization(id(), as: principal)
  }

  fileprivate func authorizationList() async throws -> [String: any Sendable] {
    let given = visit.query["subscriptionId"].map { $0.filter { !$0.isWhitespace } } ?? ""
    let chosen = visit.query["groupId"]
    let groups = try await newestGroups(100, with: chosen.flatMap { ID($0) }).offered
    var page: [String: any Sendable] = ["items": [[String: any Sendable]](), "isEmpty": true, "isFiltered": true]
    if given.isEmpty || ID<SubscriptionKey>(given) != nil {
      let list = try list(
        Authorization.Filter.query, kept: ConsoleWeb.authorizationFilters, by: ["createdAt"])
      page = list.page(try await console.authorizations(list.filter, list.slice(), as: principal), row)
    } else {
      page["complaint"] = words["authorization.noSuchId"]
    }
    page["subscriptionId"] = given
    page["q"] = visit.query["q"] ?? ""
    page["limitPolicy"] = try await filteringPolicy()
    page["groups"] = groups.map { group -> [String: any Sendable] in
      ["value": group.id.description, "label": group.name.description, "selected": group.id.description == chosen]
    }
    if let chosen, !chosen.isEmpty, !groups.contains(where: { $0.id.description == chosen }) {
      page["otherGroup"] = chosen
    }
    page["environments"] = choices(
      DeploymentEnvironment.allCases.map(\.rawValue), "authorization.environment.", chosen: visit.query["environment"])
    page["states"] = choices(
      Authorization.State.allCases.map(\.rawValue), "authorization.state.", chosen: visit.query["state"])
    page["canAuthorize"] = may(.manageAuthorizations)
    return page
  }

  /// What templates want of an authorization.
  private func row(_ authorization: Authorization) -> [String: any Sendable] {
    var page = words.saying("authorization.", in: Authorization.shape.json(authorization).members)
    let targets = authorization.targets.map { target -> [String: any Sendable] in
      let members = Authorization.Target.shape.json(target).members
      return words.saying("authorization.", ["environment"], in: members)
    }
    page["authorizationId"] = authorization.id.description
    page["stateAbout"] = words.texts["authorization.state.\(authorization.state.rawValue).about"] ?? ""
    page["targets"] = Array(targets.prefix(3))
    page["moreTargets"] = targets.count > 3 ? words["authorization.more", ["count": "\(targets.count - 3)"]] : nil
    page["untilAt"] = authorization.expiresAt.map(RFC3339.string)
    if let end = authorization.expiresAt, end > visit.now, end <= SubscriptionKey.soon(after: visit.now) {
      page["expiresSoon"] = words.ahead(end, now: visit.now)
    }
    return page.withTimes
  }

  fileprivate func detail(_ authorization: Authorization) async throws -> [String: any Sendable] {
    var page = row(authorization)
    let pages = StoredPages(authorization.targets, visit.query)
    let facts = try await TargetFacts(of: pages.items.map(\.group), self)
    let limited = try await console.remainingLimits(of: authorization.id, as: principal)
    let targets = pages.page(at: visit.path, as: "targets") { number, target in
      var members = Authorization.Target.shape.json(target).members
      let environment = facts.environment(target.environment, of: target.group)
      members["number"] = number
      members["pieces"] = environment.map { (visit.gatewayURL.shown + $0.path).linePieces } ?? []
      members["hasAddress"] = environment != nil
      members["situation"] = environment.map { $0.version == nil ? "offline" : $0.effectiveAccessMode.rawValue }
      let limits = limited.first { $0.group == target.group && $0.environment == target.environment }?.limits
      (members["isLimited"], members["left"]) = (!limited.isEmpty, words.left(limits ?? []))
      members["mendPath"] = "/api-groups/\(target.group)"
      return words.saying("authorization.", ["environment", "situation"], in: members)
    }
    page.merge(targets) { $1 }
    page["isLimited"] = !limited.isEmpty
    page["wayBack"] = visit.wayBack
    page["isOwn"] = authorization.subscription.tenant.slug == tenant.slug
    if let policy = authorization.limitPolicy, let terms = try await terms(of: policy.id) {
      page["limitPolicy"] =
        ["id": "\(policy.id)", "name": "\(policy.name)", "limits": words.limits(terms)] as [String: any Sendable]
    }
    page["canAuthorize"] = may(.manageAuthorizations)
    return page
  }
}

/// How groups may be called at the moment, and where.
struct TargetFacts: Sendable {
  private var groups: [ID<APIGroup>: APIGroup] = [:]

  /// Groups that are gone meanwhile are left out.
  init(of ids: some Sequence<ID<APIGroup>>, _ visit: SignedInVisit) async throws {
    for group in try await visit.console.apiGroups(withIDs: Set(ids), as: visit.principal) { groups[group.id] = group }
  }

  func environment(_ environment: DeploymentEnvironment, of group: ID<APIGroup>) -> APIGroup.Environment? {
    groups[group]?.environment(environment)
  }
}
