import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// The revisions of a group.
  static let revisionListPages: [PageRoute] = PageRoute.searchable("/api-groups/{id}/revisions", kept: ["q"]) { visit in
    let group = try await visit.group()
    let list = try visit.list(Revision.Filter.query, kept: ["q"])
    let revisions = try await visit.console.revisions(of: group.id, list.filter, list.slice(), as: visit.principal)
    var page = list.page(revisions) { visit.row(of: $0, in: group) }
    page["q"] = visit.visit.query["q"] ?? ""
    return .page("api-groups.revisions", title: "revisions.title", visit.page(of: group, tab: "/revisions", page))
  }

  static let revisionPages: [PageRoute] = [
    .get("/api-groups/{id}/revisions/new", requires: .manageGroups) { visit in
      let group = try await visit.group()
      let newest = try await visit.console.revisions(of: group.id, SliceRequest(limit: 1), as: visit.principal)
      let version = newest.items.first?.version.next ?? "0.0.1"
      let form = newRevisionForm.page(TypedForm(["version": version]), words: visit.words)
      return try await visit.newRevisionPage(of: group, form: form)
    },
    .post("/api-groups/{id}/revisions/new", requires: .manageGroups) { visit in
      let group = try await visit.group()
      return try await visit.visit.submitting(newRevisionForm) { form, status in
        try await visit.newRevisionPage(of: group, form: form, status: status)
      } perform: { draft in
        let contents = try await visit.console.createRevision(draft, of: group.id, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/revisions/\(contents.revision.id)", saying: "revision.created")
      }
    },
    .get("/api-groups/{id}/revisions/{revision}") { visit in
      let group = try await visit.group()
      let contents = try await visit.console.revision(visit.id("revision"), of: group.id, as: visit.principal)
      let apis = StoredPages(contents.apis, visit.visit.query).page(at: visit.visit.path) { _, api in
        visit.words.api(Revision.FrozenAPI.shape.json(api))
      }
      var page = visit.page(of: group, tab: "/revisions", apis)
      page["revision"] = visit.row(of: contents.revision, in: group)
      return .page("api-groups.revision", title: "revision.title", page)
    },
  ]

  private static let newRevisionForm = Form(
    fields: [
      FormField(name: "version", kind: .text, word: "revision.version", isRequired: true, maximumLength: 20),
      FormField(name: "note", kind: .area, word: "revision.note"),
    ], shape: Revision.Draft.shape, submit: "revision.create")
}

extension SignedInVisit {
  /// A revision and where it is live.
  fileprivate func row(of revision: Revision, in group: APIGroup) -> [String: any Sendable] {
    var row = Revision.shape.json(revision).members
    row["note"] = row["note"] ?? ""
    row["live"] = group.environments.filter { $0.version == revision.version }.map { name(of: $0.environment) }
    return row
  }

  /// The form, and what the revision will have otherwise than the one before it.
  fileprivate func newRevisionPage(
    of group: APIGroup, form: [String: any Sendable], status: Int = 200
  ) async throws -> PageAnswer {
    var page = page(of: group, tab: "/revisions", ["form": form])
    let drafted = try await console.apis(of: group.id, SliceRequest(limit: 1), as: principal)
    page["isDraftEmpty"] = drafted.items.isEmpty
    let newest = try await console.revisions(of: group.id, SliceRequest(limit: 1), as: principal)
    if let last = newest.items.first, !drafted.items.isEmpty {
      // Told of the revision against the draft, it is the other way round.
      let difference = try await console.difference(of: last.id, against: .draft, in: group.id, as: principal).reversed
      page["lastVersion"] = last.version.description
      page.merge(DifferencePage(difference, words).summary) { $1 }
    }
    return .page("api-groups.new-revision", title: "revision.new.title", page, status: status)
  }
}

extension RevisionVersion {
  /// The one that one would take next.
  var next: String? {
    let numbers = description.split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 3, numbers[2] < 999_999 else { return nil }
    return "\(numbers[0]).\(numbers[1]).\(numbers[2] + 1)"
  }
}
