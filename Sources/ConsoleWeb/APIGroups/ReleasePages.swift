import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// Releasing a revision to an environment.
  static let releasePages: [PageRoute] = [
    .get("/api-groups/{id}/release", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let options = try await visit.releaseOptions(of: group)
      return visit.releasePage(of: group, options, form: options.form.page(options.typed(visit), words: visit.words))
    },
    .post("/api-groups/{id}/release", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let options = try await visit.releaseOptions(of: group)
      return try await visit.visit.submitting(options.form) { form, status in
        visit.releasePage(of: group, options, form: form, status: status)
      } asking: { release in
        let effects = try await visit.effects(of: release, on: group)
        return effects.isEmpty ? nil : try await visit.confirmation(of: release, group, effects)
      } perform: { release in
        _ = try await visit.console.release(release, of: group.id, as: visit.principal)
        return .redirect(to: visit.visit.wayBack ?? "/api-groups/\(group.id)", saying: "deployment.released")
      }
    },
  ]
}

extension SignedInVisit {
  /// With the version that the address or the form names, however old it is.
  fileprivate func releaseOptions(of group: APIGroup) async throws -> ReleaseOptions {
    var revisions = try await console.revisions(of: group.id, SliceRequest(limit: 200), as: principal).items
    if let version = (visit.form["version"] ?? visit.query["version"]).flatMap({ RevisionVersion($0) }),
      !revisions.contains(where: { $0.version == version }),
      let named = try await console.revision(version: version, of: group.id, as: principal)
    {
      revisions.append(named)
    }
    var deployments: [Deployment] = []
    for environment in DeploymentEnvironment.allCases {
      let filter = Deployment.Filter(environment: environment)
      deployments += try await console.deployments(of: group.id, filter, SliceRequest(limit: 1), as: principal).items
    }
    return ReleaseOptions(revisions: revisions, deployments: deployments, words: words)
  }

  fileprivate func releasePage(
    of group: APIGroup, _ options: ReleaseOptions, form: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    let more: [String: any Sendable] = [
      "form": form, "hasRevision": !options.revisions.isEmpty, Layout.keepsTyped: !options.revisions.isEmpty,
    ]
    return .page("api-groups.release", title: "release.title", page(of: group, more), status: status)
  }

  fileprivate func confirmation(
    of release: Deployment.Release, _ group: APIGroup, _ effects: [String]
  ) async throws -> Confirmation {
    let names: KeyValuePairs = [
      "name": "\(group.name)", "environment": name(of: release.environment), "version": "\(release.version)",
    ]
    return Confirmation(
      word: "release.confirm", name: words["release.to", names], effects: effects,
      missed: try await missed(by: .release(release, of: group.id)), back: "/api-groups/\(group.id)")
  }
}
