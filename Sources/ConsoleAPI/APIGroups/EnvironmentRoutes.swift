import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let environmentRoutes: [Route] = [
    Route(
      .get, "/api-groups/\(.apiGroup)/environments", "listEnvironments",
      "Shows a group in each environment: how it may be called, and what is live.",
      "All three environments, whether anything is live there or not.",
      requires: .anyRole, takes: .nothing,
      gives: .ok(Page.shape("APIGroupEnvironmentPage", of: APIGroup.Environment.shape))
    ) { call, _ in
      Page(items: try await call.console.environments(of: call[.apiGroup], as: call.principal), nextCursor: nil)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/environments/\(.environment)", "getEnvironment",
      "Shows a group in an environment.",
      "Its access mode and its limit policy there, and what is live there.",
      requires: .anyRole, takes: .nothing, gives: .ok(APIGroup.Environment.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.environment(call[.environment], of: call[.apiGroup], as: call.principal)
    },
    Route(
      .patch, "/api-groups/\(.apiGroup)/environments/\(.environment)", "updateEnvironment",
      "Changes a group's access mode or limit policy in an environment.",
      "Null gives it the group's access mode, or no limit policy. Releases leave both as they are, and gateways go by "
        + "them at once.",
      requires: .manageGroups, takes: .update(APIGroup.EnvironmentChanges.shape),
      gives: .ok(APIGroup.Environment.shape, version: \.updatedAt), takesWait: true,
      reaching: { call, changes in changes.reached(of: try call[.apiGroup], try call[.environment]) }
    ) { call, changes in
      try await call.console.updateEnvironment(
        call[.environment], of: call[.apiGroup], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
  ]
}
