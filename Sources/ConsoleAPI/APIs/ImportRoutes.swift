import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let importRoutes: [Route] = [
    Route(
      .post, "/api-groups/\(.apiGroup)/import", "importAPIs",
      "Brings a group's draft up to an OpenAPI or Swagger document, in JSON or YAML.",
      """
      Of the document its `paths` are read. An API of the same method and path is updated, a new one created, and \
      none deleted; all of it happens or nothing does. What cannot be taken is told with the reason.
      """,
      requires: .manageGroups, takes: .document(.openAPIDocument), gives: .ok(APIImport.Outcome.shape),
      problems: [.apiExists, .quotaExceeded, .invalidYAML]
    ) { call, document in
      try await call.console.importAPIs(document, into: call[.apiGroup], as: call.principal)
    }
  ]
}
