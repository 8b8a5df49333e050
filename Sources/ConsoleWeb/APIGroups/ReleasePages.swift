import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// Releasing a revision to an environment.
  static let releasePages: [PageRoute] = [
    .get("/api-groups/{id}/release") { visit in
      try visit.requireManaging()
      let group = try await visit.group()
      let options = try await visit.releaseOptions(of: group)
      return visit.releasePage(of: group, options, form: options.form.page(options.typed(visit), words: visit.words))
    },
    .post("/api-groups/{id}/release") { visit in
      let group = try await visit.group()
      let options = try await visit.releaseOptions(of: group)
      return try await visit.visit.submitting(options.form) { form, status in
        visit.releasePage(of: group, options, form: form, status: status)
      } perform: { release in
        let effects = try await visit.effects(of: release, on: group)
        if !effects.isEmpty, visit.visit.form["confirmed"] == nil {
          return visit.confirmation(of: release, options, group, effects)
        }
        _ = try await visit.console.release(release, of: group.id, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)", saying: "deployment.released")
      }
    },
  ]
}

extension SignedInVisit {
  fileprivate func releaseOptions(of group: APIGroup) async throws -> ReleaseOptions {
    let revisions = try await console.revisions(of: group.id, SliceRequest(limit: 200), as: principal)
    var deployments: [Deployment] = []
    for environment in DeploymentEnvironment.allCases {
      let filter = Deployment.Filter(environment: environment)
      deployments += try await console.deployments(of: group.id, filter, SliceRequest(limit: 1), as: principal).items
    }
    return ReleaseOptions(revisions: revisions.items, deployments: deployments, words: words)
  }

  fileprivate func releasePage(
    of group: APIGroup, _ options: ReleaseOptions, form: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    let more: [String: any Sendable] = ["form": form, "hasRevision": !options.revisions.isEmpty]
    return .page("api-groups.release", title: "release.title", page(of: group, more), status: status)
  }

  /// What callers of what is live there miss; nothing where they miss nothing.
  fileprivate func effects(of release: Deployment.Release, on group: APIGroup) async throws -> [String] {
    guard let live = group.environment(release.environment)?.deployment else { return [] }
    let deployment = try await console.deployment(live, of: group.id, as: principal)
    let revisions = try await console.revisions(of: group.id, SliceRequest(limit: 200), as: principal).items
    guard let revision = revisions.first(where: { $0.version == release.version }) else { return [] }
    return try await missed(of: revision.id, after: deployment, in: group.id)
  }

  /// What a revision lacks of what is live.
  func missed(
    of revision: ID<Revision>, after live: Deployment, in group: ID<APIGroup>
  ) async throws -> [String] {
    guard revision != live.revision else { return [] }
    let difference = try await console.difference(
      of: revision, against: .revision(live.revision), in: group, as: principal)
    let shown = difference.removed.prefix(20).map {
      words["release.missing", ["api": $0.pattern.description, "version": live.version.description]]
    }
    let rest = difference.removed.count - shown.count
    return shown + (rest > 0 ? [words["document.rest", ["count": String(rest)]]] : [])
  }

  /// Asks once, with all that was typed going along.
  fileprivate func confirmation(
    of release: Deployment.Release, _ options: ReleaseOptions, _ group: APIGroup, _ effects: [String]
  ) -> PageAnswer {
    let typed = options.form.fields.compactMap { field in visit.form[field.name].map { (name: field.name, value: $0) } }
    let names: KeyValuePairs = [
      "name": "\(group.name)", "environment": name(of: release.environment), "version": "\(release.version)",
    ]
    return Confirmation(
      word: "release.confirm", name: words["release.to", names], effects: effects,
      back: "/api-groups/\(group.id)", hidden: typed + [(name: "confirmed", value: "true")]
    ).page(words)
  }
}
