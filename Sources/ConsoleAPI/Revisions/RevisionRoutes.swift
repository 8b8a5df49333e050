import Console
import Contract
import HTTPTypes
import Model

extension PathParameter {
  static var revision: PathParameter<ID<Revision>> { .init("revisionId", "The revision's id.") }
}

extension ConsoleAPI {
  static let revisionRoutes: [Route] = [
    Route(
      .post, "/api-groups/\(.apiGroup)/revisions", "createRevision", "Freezes a group's draft as a revision.",
      "Its APIs stay as they are, whatever becomes of the draft.",
      requires: .manageGroups, takes: .body(Revision.Draft.shape), gives: .created(Revision.Contents.shape),
      problems: [.emptyDraft, .versionTaken, .quotaExceeded]
    ) { call, draft in
      try await call.console.createRevision(draft, of: call[.apiGroup], as: call.principal)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/revisions", "listRevisions", "Lists a group's revisions, newest first.",
      "Without their APIs.",
      requires: .anyRole, takes: .query(Revision.Filter.query),
      gives: .ok(Page.shape("RevisionPage", of: Revision.shape))
    ) { call, query in
      try await call.page(
        call.console.revisions(of: call[.apiGroup], query.filter, call.slice(query), as: call.principal))
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/revisions/\(.revision)", "getRevision", "Shows a revision with its APIs.",
      "With the APIs as they were when it was made.",
      requires: .anyRole, takes: .nothing, gives: .ok(Revision.Contents.shape)
    ) { call, _ in
      try await call.console.revision(call[.revision], of: call[.apiGroup], as: call.principal)
    },
    Route(
      .get, "/api-groups/\(.apiGroup)/revisions/\(.revision)/diff", "compareRevisions",
      "Shows what a revision has otherwise than another one, or than the draft.",
      "By method and path, whatever the ids are.",
      requires: .anyRole, takes: .query(RevisionComparison.query), gives: .ok(Revision.Difference.shape)
    ) { call, comparison in
      try await call.console.difference(
        of: call[.revision], against: comparison.against, in: call[.apiGroup], as: call.principal)
    },
  ]
}
