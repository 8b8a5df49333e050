import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// What was and is released, going back to it, and going offline.
  static let deploymentPages: [PageRoute] = [
    .get("/api-groups/{id}/deployments") { visit in
      let group = try await visit.group()
      let list = try visit.list(Deployment.Filter.query, kept: ["environment"])
      let deployments = try await visit.console.deployments(
        of: group.id, list.filter, list.slice(), as: visit.principal)
      let authors = try await visit.authors(of: deployments.items)
      var page = list.page(deployments) { visit.row(of: $0, by: authors["\($0.id)"]) }
      page["environments"] = visit.choices(
        DeploymentEnvironment.allCases.map(\.rawValue), "group.environment.", chosen: visit.visit.query["environment"])
      return .page(
        "api-groups.deployments", title: "deployments.title", visit.page(of: group, tab: "/deployments", page))
    },
    .get("/api-groups/{id}/deployments/{deployment}/rollback", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let deployment = try await visit.console.deployment(visit.id("deployment"), of: group.id, as: visit.principal)
      return try await visit.rollback(of: group, to: deployment).page(visit.words)
    },
    .post("/api-groups/{id}/deployments/{deployment}/rollback", requires: .manageGroups) { visit in
      let group: ID<APIGroup> = try visit.id()
      let deployment = try await visit.console.deployment(visit.id("deployment"), of: group, as: visit.principal)
      _ = try await visit.console.release(visit.release(of: deployment), of: group, as: visit.principal)
      return .redirect(to: "/api-groups/\(group)", saying: "deployment.rolledBack")
    },
    .get("/api-groups/{id}/environments/{environment}/offline", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      guard let live = group.environment(environment), live.version != nil else {
        return .redirect(to: "/api-groups/\(group.id)", saying: "deployment.wasOffline")
      }
      return try await visit.goingOffline(group, live).page(visit.words)
    },
    .post("/api-groups/{id}/environments/{environment}/offline", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      do {
        try await visit.console.takeOffline(group.id, in: environment, as: visit.principal)
      } catch ConsoleError.notFound {
        return .redirect(to: "/api-groups/\(group.id)", saying: "deployment.wasOffline")
      }
      return .redirect(to: "/api-groups/\(group.id)", saying: "deployment.offline")
    },
  ]
}

extension SignedInVisit {
  fileprivate func row(of deployment: Deployment, by author: String?) -> [String: any Sendable] {
    var row = words.saying("deployment.", in: Deployment.shape.json(deployment).members)
    row["environmentWord"] = name(of: deployment.environment)
    row["pieces"] = words.backend(deployment.backend).linePieces
    row["headers"] = deployment.backend.headerNames.joined(separator: ", ")
    row["hasHeaders"] = !deployment.backend.headerNames.isEmpty
    row["author"] = author ?? ""
    row["hasAuthor"] = author != nil
    row["isEnded"] = deployment.state == .ended
    return row
  }

  /// What goes back to a deployment.
  fileprivate func release(of deployment: Deployment) -> Deployment.Release {
    Deployment.Release(
      version: deployment.version, environment: deployment.environment,
      backend: .same(as: Reference(deployment.id.description)))
  }

  /// What going back to a deployment changes: what answers, with what, and what callers miss then.
  fileprivate func rollback(of group: APIGroup, to deployment: Deployment) async throws -> Confirmation {
    var effects: [String] = []
    let (environment, version) = (name(of: deployment.environment), "\(deployment.version)")
    if let id = group.environment(deployment.environment)?.deployment {
      let live = try await console.deployment(id, of: group.id, as: principal)
      effects.append(
        words["rollback.replaces", ["environment": environment, "version": version, "present": "\(live.version)"]])
      effects += self.effects(of: deployment.backend, after: live.backend)
      effects += try await missed(of: deployment.revision, after: live, in: group.id)
    } else {
      effects.append(words["rollback.online", ["environment": environment, "version": version]])
    }
    if !deployment.backend.headerNames.isEmpty {
      let headers = deployment.backend.headerNames.joined(separator: words["list.comma"])
      effects.append(words["rollback.headers", ["headers": headers]])
    }
    return Confirmation(
      word: "rollback.title",
      name: words["rollback.to", ["name": "\(group.name)", "environment": environment, "version": version]],
      effects: effects, missed: try await missed(by: .release(release(of: deployment), of: group.id)),
      back: "/api-groups/\(group.id)/deployments")
  }

  /// What nobody can call then, and which authorizations lapse.
  fileprivate func goingOffline(_ group: APIGroup, _ live: APIGroup.Environment) async throws -> Confirmation {
    let address = CallAddress(gateway: visit.gatewayURL)
    let domains = try await domains(of: group.id, in: live.environment)
    let gone = [address.byPath(live)] + domains.map { address.byHost($0.host) }
    let authorized = try await authorizations(for: group.id, in: live.environment)
    let names: KeyValuePairs = ["name": "\(group.name)", "environment": name(of: live.environment)]
    return Confirmation(
      word: "offline.title", name: words["offline.what", names],
      effects: gone.map { words["offline.address", ["address": $0]] }
        + words.lapsing(authorized, "offline.authorizations"),
      missed: try await missed(by: .target(group.id, live.environment)), back: "/api-groups/\(group.id)")
  }
}
