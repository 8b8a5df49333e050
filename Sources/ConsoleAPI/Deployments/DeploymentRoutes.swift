import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var environment: PathParameter<DeploymentEnvironment> {
    .init(name: "environment", about: "Which environment.", schema: Shape<DeploymentEnvironment>.choice.schema) {
      DeploymentEnvironment(rawValue: $0)
    }
  }
}

extension ConsoleAPI {
  static let deploymentRoutes: [Route] = [
    Route(
      .post, "/api-groups/\(.apiGroup)/deployments", "release",
      "Releases a revision to an environment, in place of what is live there.",
      "Earlier revisions can be released again, which is how to roll back. Authorizations stay as they are.",
      requires: .manageGroups, takes: .body(Deployment.Release.shape), gives: .created(Deployment.shape),
      problems: [.quotaExceeded, .noSealingKey], takesWait: true,
      reaching: { call, release in .release(release, of: try call[.apiGroup]) }
    ) { call, release in
      try await call.console.release(release, of: call[.apiGroup], as: call.principal)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/deployments", "listDeployments",
      "Lists a group's deployments, live and ended, newest first.", "At most one is live in each environment.",
      requires: .anyRole, takes: .query(Deployment.Filter.query),
      gives: .ok(Page.shape("DeploymentPage", of: Deployment.shape))
    ) { call, query in
      try await call.page(
        call.console.deployments(of: call[.apiGroup], query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .delete, "/api-groups/\(.apiGroup)/deployments/\(.environment)", "takeOffline",
      "Ends what is live of a group in an environment.",
      "Calls are answered 404 from now on. Authorizations lapse until something is released there again.",
      requires: .manageGroups, takes: .nothing, gives: .noContent, takesWait: true,
      reaching: { call, _ in .target(try call[.apiGroup], try call[.environment]) }
    ) { call, _ in
      try await call.console.takeOffline(call[.apiGroup], in: call[.environment], as: call.principal)
    },
  ]
}
