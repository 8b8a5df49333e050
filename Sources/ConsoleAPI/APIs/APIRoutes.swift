import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var api: PathParameter<ID<API>> { .init("apiId", "The API's id.") }
}

extension ConsoleAPI {
  static let apiRoutes: [Route] = [
    Route(
      .post, "/api-groups/\(.apiGroup)/apis", "createAPI", "Adds an API to a group's draft.",
      "Callers get to see it with the next release. What takes exactly the calls of another API is refused.",
      requires: .manageGroups, takes: .body(API.Draft.shape), gives: .created(API.shape, version: \.updatedAt),
      problems: [.apiExists, .quotaExceeded]
    ) { call, draft in
      try await call.console.createAPI(draft, in: call[.apiGroup], as: call.principal)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/apis", "listAPIs", "Lists the APIs of a group's draft.",
      "What is released has them as they were when its revision was made.",
      requires: .anyRole, takes: .query(API.Filter.query), gives: .ok(Page.shape("APIPage", of: API.shape))
    ) { call, query in
      try await call.page(
        call.console.apis(of: call[.apiGroup], query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/apis/\(.api)", "getAPI", "Shows an API of a group's draft.",
      "As it is in the draft, which may be otherwise than what is released.",
      requires: .anyRole, takes: .nothing, gives: .ok(API.shape, version: \.updatedAt)
    ) { call, _ in
      try await call.console.api(call[.api], of: call[.apiGroup], as: call.principal)
    },
    Route(
      .patch, "/api-groups/\(.apiGroup)/apis/\(.api)", "updateAPI",
      "Changes an API of a group's draft; what is released stays as it was.",
      "Callers get to see it with the next release.",
      requires: .manageGroups, takes: .update(API.Changes.shape), gives: .ok(API.shape, version: \.updatedAt),
      problems: [.apiExists]
    ) { call, changes in
      try await call.console.updateAPI(
        call[.api], of: call[.apiGroup], to: changes, expecting: call.expectedVersion, as: call.principal)
    },
    Route(
      .delete, "/api-groups/\(.apiGroup)/apis/\(.api)", "deleteAPI", "Takes an API out of a group's draft.",
      "Callers get to see it with the next release.",
      requires: .manageGroups, takes: .nothing, gives: .noContent
    ) { call, _ in
      try await call.console.deleteAPI(call[.api], of: call[.apiGroup], as: call.principal)
    },
  ]
}
