import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var apiGroup: PathParameter<ID<APIGroup>> { .init("groupId", "The group's id.") }
}

extension ConsoleAPI {
  static let apiGroupRoutes: [Route] = [
    Route(
      .post, "/api-groups", "createAPIGroup", "Creates an API group.",
      "A group is callable once a revision of it is released. Its prefix is unique within the tenant.",
      requires: .manageGroups, takes: .body(APIGroup.Draft.shape),
      gives: .created(APIGroup.shape, version: \.updatedAt),
      problems: [.prefixTaken, .quotaExceeded], takesWait: true
    ) { call, draft in
      try await call.console.createAPIGroup(draft, as: call.principal)
    },
    Route(
      .get, "/api-groups", "listAPIGroups", "Lists the tenant's API groups.",
      "Each with what is live of it in each environment.",
      requires: .anyRole, takes: .query(APIGroup.Filter.query),
      gives: .ok(Page.shape("APIGroupPage", of: APIGroup.shape))
    ) { call, query in
      try await call.page(call.console.apiGroups(query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/api-groups/\(.apiGroup)", "getAPIGroup", "Shows an API group and what is live of it.",
      "Its draft's APIs and its revisions have lists of their own.",
      requires: .anyRole, takes: .nothing, gives: .ok(APIGroup.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.apiGroup(call[.apiGroup], as: call.principal)
    },
    Route(
      .patch, "/api-groups/\(.apiGroup)", "updateAPIGroup",
      "Changes an API group; its prefix only before its first release.",
      "Gateways go by a changed access mode and changed key headers at once, without a release.",
      requires: .manageGroups, takes: .update(APIGroup.Changes.shape), gives: .ok(APIGroup.shape, version: \.updatedAt),
      problems: [.prefixTaken, .prefixFrozen], takesWait: true,
      reaching: { call, changes in changes.reached(of: try call[.apiGroup]) }
    ) { call, changes in
      try await call.console.updateAPIGroup(
        call[.apiGroup], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/api-groups/\(.apiGroup)", "deleteAPIGroup",
      "Deletes an API group that is live nowhere, with its APIs, revisions and deployments.",
      "Authorizations for it end with it. A group that is live somewhere has to be taken offline there first.",
      requires: .manageGroups, takes: .nothing, gives: .noContent, problems: [.groupLive], takesWait: true,
      reaching: { call, _ in .group(try call[.apiGroup]) }
    ) { call, _ in
      try await call.console.deleteAPIGroup(call[.apiGroup], as: call.principal)
    },
  ]
}
