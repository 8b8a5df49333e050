import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model

/// Calls a released API through the gateway, in two steps: what to call, and with what.
extension ConsoleWeb {
  static let tryItPages: [PageRoute] =
    [
      .get("/try-it") { visit in
        let list = try visit.list(ListQuery<Void>.plain, kept: [])
        let groups = try await visit.console.apiGroups(list.slice(), as: visit.principal)
        var page = list.page(groups) { visit.members(of: $0) }
        let given = (visit.visit.query["keyId"] ?? "").filter { !$0.isWhitespace }
        let chosen = given.isEmpty ? visit.visit.query["key"] : given
        let keys = try await visit.ownKeys(with: chosen)
        page["hasKeys"] = !keys.isEmpty
        page["keys"] = keys.map { key -> [String: any Sendable] in
          ["value": key.id, "label": visit.words.qualified(key.name, key.id), "selected": key.id == chosen]
        }
        if let key = keys.first(where: { $0.id == chosen }).flatMap({ ID<SubscriptionKey>($0.id) }) {
          let others = try await visit.received(by: key)
          page.merge(others.page(others.rows)) { $1 }
          page[Shortening.key] = (page[Shortening.key] as? Shortening).map { .both($0, others) } ?? others
        } else if !given.isEmpty {
          page["keyId"] = given
          page["keyComplaint"] = true
        }
        return .page("try-it.choose", title: "tryIt.title", page)
      },
      .get("/try-it/groups/{id}/{environment}") { visit in
        let (group, revision) = try await visit.liveRevision()
        let environment = try visit.environment()
        let folder = "/try-it/groups/\(group.id)/\(environment.rawValue)"
        let key = visit.visit.query["key"].flatMap { ID<SubscriptionKey>($0) }.map { "?key=\($0)" } ?? ""
        let pages = StoredPages(revision.apis, visit.visit.query)
        let apis = pages.page(at: folder + key, as: "apis") { _, api in
          var members = Revision.FrozenAPI.shape.json(api).members
          members["call"] = "\(folder)/\(api.id)\(key)"
          members["matchWord"] = visit.words["match.\(api.pattern.match.rawValue)"]
          return members
        }
        return .page(
          "try-it.apis", title: "tryIt.apis.title",
          [
            "groupName": "\(group.name)", "environmentWord": visit.words["environment.\(environment.rawValue)"],
            "version": "\(revision.revision.version)",
            "pathCall": "/try-it/paths/\(visit.tenant.slug)/\(environment.rawValue)\(key)",
          ].merging(apis) { $1 })
      },
      .get("/try-it/groups/{id}/{environment}/{api}") { visit in
        let (target, heading) = try await visit.apiTarget()
        return try await visit.callPage(of: target, heading)
      },
      .post("/try-it/groups/{id}/{environment}/{api}", requires: .anyRole) { visit in
        let (target, heading) = try await visit.apiTarget()
        return try await visit.trying(target, heading)
      },
    ] + ["/try-it/paths/{slug}/{environment}", "/try-it/paths/{slug}/{environment}/{prefix}"].flatMap(pathPages)

  private static func pathPages(_ path: RouterPath) -> [PageRoute] {
    [
      .get(path) { visit in
        let (target, heading) = try visit.pathTarget()
        return try await visit.callPage(of: target, heading)
      },
      .post(path, requires: .anyRole) { visit in
        let (target, heading) = try visit.pathTarget()
        return try await visit.trying(target, heading)
      },
    ]
  }

}

extension SignedInVisit {
  /// A group of one's own and what is live of it in the environment that the path names.
  fileprivate func liveRevision() async throws -> (APIGroup, Revision.Contents) {
    let group = try await console.apiGroup(id(), as: principal)
    let filter = Deployment.Filter(environment: try environment())
    let newest = try await console.deployments(of: group.id, filter, SliceRequest(limit: 1), as: principal)
    guard let live = newest.items.first, live.endedAt == nil else { throw ConsoleError.notFound }
    return (group, try await console.revision(live.revision, of: group.id, as: principal))
  }

  fileprivate func apiTarget() async throws -> (TrialTarget, TrialHeading) {
    let (group, revision) = try await liveRevision()
    let (environment, id): (DeploymentEnvironment, ID<API>) = (try self.environment(), try self.id("api"))
    guard let api = revision.apis.first(where: { $0.id == id }), let place = group.environment(environment) else {
      throw ConsoleError.notFound
    }
    let target = TrialTarget(base: place.path, api: api, keyHeaders: group.keyHeaders.map { "\($0)" })
    let heading = TrialHeading(
      name: "\(api.name)", about: "\("\(group.name)".isolated) · \(words["environment.\(environment.rawValue)"])",
      pattern: "\(api.pattern.method.rawValue) \(place.path)\(api.pattern.path)",
      back: "/try-it/groups/\(group.id)/\(environment.rawValue)")
    return (target, heading)
  }

  /// Any path of a provider's, or below the prefix of one of its groups, whose APIs one is not told.
  fileprivate func pathTarget() throws -> (TrialTarget, TrialHeading) {
    guard let slug = visit.parameters.get("slug").flatMap({ Slug($0) }) else { throw ConsoleError.notFound }
    let environment = try self.environment()
    let prefix = try visit.parameters.get("prefix").map { text in
      guard let prefix = Slug(text) else { throw ConsoleError.notFound }
      return prefix
    }
    let base = "/\(slug)/\(environment.rawValue)" + (prefix.map { "/\($0)" } ?? "")
    let heading = TrialHeading(
      name: words["tryIt.path.title"], about: "\(slug) · \(words["environment.\(environment.rawValue)"])",
      pattern: "\(base)/…", back: "/try-it")
    let target = TrialTarget(base: base, api: nil, keyHeaders: TrialTarget.usualKeyHeaders, namesGroup: prefix != nil)
    return (target, heading)
  }

  fileprivate func members(of group: APIGroup) -> [String: any Sendable] {
    let live = group.environments.filter { $0.version != nil }.map { place -> [String: any Sendable] in
      [
        "environmentWord": words["environment.\(place.environment.rawValue)"],
        "version": place.version.map { "\($0)" } ?? "",
        "call": "/try-it/groups/\(group.id)/\(place.environment.rawValue)",
      ]
    }
    return ["id": "\(group.id)", "name": "\(group.name)", "live": live, "isLive": !live.isEmpty]
  }

  /// What providers authorized a key for, and where each is tried.
  fileprivate func received(by key: ID<SubscriptionKey>) async throws -> Shortening {
    let received = try await receivedTargets(of: key)
    let targets = received.items.map { authorization, target -> [String: any Sendable] in
      [
        "provider": "\(authorization.provider.name)", "groupName": "\(target.groupName)",
        "environmentWord": words["environment.\(target.environment.rawValue)"],
        "path": target.path, "isLive": target.isLive,
        "call": trialPath(of: target, by: authorization.provider, with: key),
      ]
    }
    let first = "/try-it?key=\(key)"
    return Shortening(rows: targets.count) { rows in
      let next = received.next(rows).map { "\(first)&\($0)" }
      let others: [String: any Sendable] = [
        "targets": Array(targets.prefix(rows)), "isNone": targets.isEmpty, "isContinued": received.isContinued,
        "first": first, "next": next ?? "", "hasNext": next != nil,
      ]
      return ["others": others]
    }
  }
}

extension SignedInVisit {
  /// Where somebody tries what a key is authorized for: the group's APIs where it is one's own, else any path of it.
  func trialPath(
    of target: ReceivedAuthorization.Target, by provider: FoundSubscription.Owner, with key: ID<SubscriptionKey>
  ) -> String {
    provider.slug == tenant.slug && target.isLive
      ? "/try-it/groups/\(target.group)/\(target.environment.rawValue)?key=\(key)"
      : "/try-it/paths\(target.path)?key=\(key)"
  }
}

/// What the page of a call says that it is about.
struct TrialHeading: Sendable {
  let name, about, pattern, back: String
}
