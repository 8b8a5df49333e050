import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// What one revision has otherwise than another, or than the draft.
  static let differencePages: [PageRoute] = [
    .get("/api-groups/{id}/revisions/{revision}/diff") { visit in
      let group = try await visit.group()
      let revisions = try await visit.console.revisions(of: group.id, SliceRequest(limit: 200), as: visit.principal)
      let (id, path) = (try visit.id("revision") as ID<Revision>, visit.visit.path)
      let revision = try await visit.revision(id, among: revisions.items, of: group.id)
      let against = visit.visit.query["against"].flatMap { $0.isEmpty ? nil : $0 } ?? revisions.items.before(revision)
      let standard: Revision.Standard? = against == "draft" ? .draft : ID(against).map(Revision.Standard.revision)
      let difference = try await visit.console.difference(
        of: id, against: standard, in: group.id, as: visit.principal)
      let rows = StoredPages(DifferencePage(difference, visit.words).rows, visit.visit.query)
      var page = visit.page(
        of: group, tab: "/revisions", rows.page(at: path + "?against=\(against.percentEncoded)") { $1 })
      page.merge(DifferencePage(difference, visit.words).summary) { $1 }
      page["revision"] = Revision.shape.json(revision).members
      page["againsts"] = visit.againsts(revisions.items.filter { $0.id != id }, chosen: against)
      return .page("api-groups.difference", title: "difference.title", page)
    }
  ]
}

extension [Revision] {
  /// What one compares a revision with if nobody says: the one before it, else the draft.
  fileprivate func before(_ revision: Revision) -> String {
    guard let index = firstIndex(where: { $0.id == revision.id }), index + 1 < count else { return "draft" }
    return self[index + 1].id.description
  }
}

extension SignedInVisit {
  fileprivate func revision(
    _ id: ID<Revision>, among revisions: [Revision], of group: ID<APIGroup>
  ) async throws -> Revision {
    if let revision = revisions.first(where: { $0.id == id }) { return revision }
    return try await console.revision(id, of: group, as: principal).revision
  }

  fileprivate func againsts(_ revisions: [Revision], chosen: String) -> [[String: any Sendable]] {
    let all = [("draft", words["difference.draft"])] + revisions.map { ("\($0.id)", "\($0.version)") }
    return all.map { ["value": $0.0, "label": $0.1, "selected": $0.0 == chosen] }
  }
}

/// A difference, row by row.
struct DifferencePage {
  private let difference: Revision.Difference
  private let words: Words

  init(_ difference: Revision.Difference, _ words: Words) {
    (self.difference, self.words) = (difference, words)
  }

  var summary: [String: any Sendable] {
    let (added, changed, removed) = (difference.added.count, difference.changed.count, difference.removed.count)
    return [
      "added": added, "changed": changed, "removed": removed, "isSame": added + changed + removed == 0,
      "isCompared": true,
    ]
  }

  /// Removed first: that is what callers miss.
  var rows: [[String: any Sendable]] {
    let (removed, added) = (difference.removed.map { row("removed", $0) }, difference.added.map { row("added", $0) })
    return removed + difference.changed.map { row("changed", $0.after, before: $0.before) } + added
  }

  private func row(
    _ kind: String, _ api: Revision.FrozenAPI, before: Revision.FrozenAPI? = nil
  ) -> [String: any Sendable] {
    var row = words.api(Revision.FrozenAPI.shape.json(api))
    row["kind"] = kind
    row["kindWord"] = words["difference.\(kind)"]
    row["changes"] = before.map { changes(from: $0, to: api) } ?? []
    return row
  }

  /// Member by member, what it was and what it is.
  private func changes(from old: Revision.FrozenAPI, to new: Revision.FrozenAPI) -> [[String: any Sendable]] {
    let members = [
      ("api.method", old.pattern.method.rawValue, new.pattern.method.rawValue),
      ("api.path", "\(old.pattern.path)", "\(new.pattern.path)"),
      ("api.match", match(old), match(new)), ("api.name", "\(old.name)", "\(new.name)"),
      ("api.description", old.description?.description ?? "", new.description?.description ?? ""),
    ]
    return members.filter { $0.1 != $0.2 }.map { word, before, after in
      ["member": words[word], "before": before, "after": after]
    }
  }

  private func match(_ api: Revision.FrozenAPI) -> String { words["api.match.\(api.pattern.match.rawValue)"] }
}

extension Revision.Difference {
  /// The same, seen from the other.
  var reversed: Revision.Difference {
    Revision.Difference(
      added: removed, removed: added, changed: changed.map { Change(before: $0.after, after: $0.before) })
  }
}
