import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var limitPolicy: PathParameter<ID<LimitPolicy>> { .init("limitPolicyId", "The policy's id.") }
}

extension ConsoleAPI {
  static let limitPolicyRoutes: [Route] = [
    Route(
      .post, "/limit-policies", "createLimitPolicy", "Makes a limit policy, which limits nothing yet.",
      "Authorizations are put under it, each key then counting at each target by itself; and groups in environments, "
        + "whose callers then share it.",
      requires: .manageLimitPolicies, takes: .body(LimitPolicy.Draft.shape),
      gives: .created(LimitPolicy.shape, version: \.updatedAt),
      problems: [.quotaExceeded]
    ) { call, draft in
      try await call.console.createLimitPolicy(draft, as: call.principal)
    },
    Route(
      .get, "/limit-policies", "listLimitPolicies", "Lists the tenant's limit policies.",
      "What is under one, the lists of authorizations and of API groups tell by `limitPolicyId`.",
      requires: .anyRole, takes: .query(LimitPolicy.Filter.query),
      gives: .ok(Page.shape("LimitPolicyPage", of: LimitPolicy.shape))
    ) { call, query in
      try await call.page(call.console.limitPolicies(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/limit-policies/\(.limitPolicy)", "getLimitPolicy", "Shows a limit policy.",
      "Its mode and its limits.",
      requires: .anyRole, takes: .nothing, gives: .ok(LimitPolicy.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.limitPolicy(call[.limitPolicy], as: call.principal)
    },
    Route(
      .patch, "/limit-policies/\(.limitPolicy)", "updateLimitPolicy",
      "Changes a limit policy wherever it is used; the limits given are all it then has.",
      "What was counted for a period stays counted. Gateways go by the change at once.",
      requires: .manageLimitPolicies, takes: .update(LimitPolicy.Changes.shape),
      gives: .ok(LimitPolicy.shape, version: \.updatedAt), takesWait: true,
      reaching: { call, changes in .limitPolicy(try call[.limitPolicy], changes) }
    ) { call, changes in
      try await call.console.updateLimitPolicy(
        call[.limitPolicy], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/limit-policies/\(.limitPolicy)", "deleteLimitPolicy", "Deletes a limit policy that is used nowhere.",
      "Where it is used, the refusal tells under `uses`.",
      requires: .manageLimitPolicies, takes: .nothing, gives: .noContent, problems: [.limitPolicyInUse],
      takesWait: true,
      reaching: { call, _ in .limited(by: try call[.limitPolicy]) }
    ) { call, _ in
      try await call.console.deleteLimitPolicy(call[.limitPolicy], as: call.principal)
    },
  ]
}
