import Console
import Contract
import Foundation
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// The first page of a group: its environments side by side, and who is authorized.
  static let environmentsPage: [PageRoute] = [
    .get("/api-groups/{id}") { visit in
      let group = try await visit.group()
      let authorized = try await visit.authorizations(for: group.id, limit: 50)
      var page = visit.page(of: group)
      page["environments"] = try await visit.cards(of: group)
      page["authorized"] = authorized.items.prefix(5).map { visit.words.authorized($0, for: group.id) }
      page["isAuthorized"] = !authorized.items.isEmpty
      page["authorizedCount"] = visit.words.count(authorized)
      page["isOpen"] = group.environments.allSatisfy { $0.effectiveAccessMode == .open }
      page["next"] = try await visit.nextStep(of: group)
      return .page("api-groups.environments", title: "group.title", page)
    }
  ]
}

extension SignedInVisit {
  /// What is to be done before anything can be called; nil once something is live.
  fileprivate func nextStep(of group: APIGroup) async throws -> [String: any Sendable]? {
    guard mayManageGroups, group.environments.allSatisfy({ $0.version == nil }) else { return nil }
    let revisions = try await console.revisions(of: group.id, SliceRequest(limit: 1), as: principal)
    if !revisions.items.isEmpty { return ["isRelease": true] }
    let apis = try await console.apis(of: group.id, SliceRequest(limit: 1), as: principal)
    return apis.items.isEmpty ? ["isAPIs": true] : ["isRevision": true]
  }

  private typealias Live = (deployment: Deployment, author: String?, apis: [Revision.FrozenAPI])

  fileprivate func cards(of group: APIGroup) async throws -> [[String: any Sendable]] {
    let domains = try await domains(of: group.id)
    var contents: [ID<Revision>: [Revision.FrozenAPI]] = [:]
    var cards: [[String: any Sendable]] = []
    for environment in group.environments {
      var live: Live?
      if let deployment = try await deployment(in: environment, of: group.id) {
        if contents[deployment.revision] == nil {
          contents[deployment.revision] =
            try await console.revision(deployment.revision, of: group.id, as: principal).apis
        }
        live = (deployment, try await author(of: deployment), contents[deployment.revision] ?? [])
      }
      var card = card(of: environment, group, live, domains.filter { $0.environment == environment.environment })
      card["left"] = words.left(try await limits(of: environment, group))
      cards.append(card)
    }
    return cards
  }

  /// What is live there; nil where nothing is, or where it has just changed.
  private func deployment(
    in environment: APIGroup.Environment, of group: ID<APIGroup>
  ) async throws -> Deployment? {
    guard let id = environment.deployment else { return nil }
    do {
      return try await console.deployment(id, of: group, as: principal)
    } catch ConsoleError.notFound {
      return nil
    }
  }

  /// What is left of what all callers share there.
  private func limits(of environment: APIGroup.Environment, _ group: APIGroup) async throws -> [RemainingLimit] {
    guard environment.limitPolicy != nil else { return [] }
    return try await console.remainingLimits(of: group.id, environment.environment, as: principal).limits
  }

  private func card(
    of environment: APIGroup.Environment, _ group: APIGroup, _ live: Live?, _ domains: [Domain]
  ) -> [String: any Sendable] {
    let (name, path) = (environment.environment.rawValue, "/api-groups/\(group.id)/environments")
    var card: [String: any Sendable] = [
      "environment": name, "name": self.name(of: environment.environment), "path": "\(path)/\(name)",
      "mode": environment.effectiveAccessMode.rawValue,
      "modeWord": words["access.mode.\(environment.effectiveAccessMode.rawValue)"],
      "isOwnMode": environment.accessMode != nil, "isAuthorizable": environment.effectiveAccessMode.isAuthorizable,
      "live": false,
    ]
    card["limitPolicy"] = environment.limitPolicy.map { policy -> [String: any Sendable] in
      ["id": "\(policy.id)", "name": "\(policy.name)"]
    }
    if let live { card["live"] = self.live(live, in: environment, domains) }
    return card
  }

  private func live(
    _ live: Live, in environment: APIGroup.Environment, _ domains: [Domain]
  ) -> [String: any Sendable] {
    let address = CallAddress(gateway: visit.gatewayURL)
    let addresses = [address.byPath(environment)] + domains.map { address.byHost($0.host) }
    let deployment = live.deployment
    var page: [String: any Sendable] = [
      "version": deployment.version.description, "revision": deployment.revision.description,
      "backend": words.backend(deployment.backend).linePieces, "since": RFC3339.string(deployment.createdAt),
      "sinceText": Words.moment(deployment.createdAt),
    ]
    page["explained"] = environment.path.percentEncoded
    page["author"] = live.author ?? ""
    page["hasAuthor"] = live.author != nil
    page["headers"] = deployment.backend.headerNames.joined(separator: ", ")
    page["hasHeaders"] = !deployment.backend.headerNames.isEmpty
    page["addresses"] = addresses.enumerated().map { index, text -> [String: any Sendable] in
      ["id": "address-\(environment.environment.rawValue)-\(index)", "pieces": text.linePieces]
    }
    let (mode, key) = (environment.effectiveAccessMode, words["group.curl.key"])
    page["curl"] = CallAddress.curl(live.apis, at: addresses[0], mode, key: key) ?? ""
    return page
  }
}

extension String {
  /// The pieces between which a line may end: of an address, each with the slashes behind it.
  var linePieces: [String] {
    var pieces: [String] = []
    for part in split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty, !pieces.isEmpty { pieces[pieces.count - 1] += "/" } else { pieces.append(part + "/") }
    }
    if let last = pieces.popLast() { pieces.append(String(last.dropLast())) }
    return pieces
  }
}

extension Backend {
  /// Of the headers of its own.
  var headerNames: [String] {
    if case .http(_, let headers) = self { headers.map(\.description) } else { [] }
  }
}

extension Words {
  /// An authorization as a group's page shows it.
  fileprivate func authorized(_ authorization: Authorization, for group: ID<APIGroup>) -> [String: any Sendable] {
    var row = Authorization.shape.json(authorization).members
    let environments = authorization.targets.filter { $0.group == group }
    row["environments"] = environments.map { self["group.environment.\($0.environment.rawValue)"] }
      .joined(separator: self["list.comma"])
    row["expires"] = authorization.expiresAt.map(RFC3339.string) ?? ""
    row["expiresText"] = authorization.expiresAt.map(Words.moment) ?? ""
    row["doesExpire"] = authorization.expiresAt != nil
    row["state"] = authorization.state.rawValue
    row["stateWord"] = self["group.authorization.state.\(authorization.state.rawValue)"]
    return row
  }
}
