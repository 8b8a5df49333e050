package import Model
import Store

extension Console {
  /// Brings a draft up to a document: adds what it has not, and calls what it has as the document does. What the document
  /// does not have stays. It is done as a whole or not at all.
  ///
  /// An API is known again by its method and path, whatever its parameters are called and however far it reaches.
  package func importAPIs(
    _ document: APIImport, into group: ID<APIGroup>, as principal: Principal
  ) async throws -> APIImport.Outcome {
    try principal.require(.manageGroups)
    let tenant = principal.tenant
    return try await store.patient(for: Self.timeOfLargeChanges).transaction(in: tenant) { transaction in
      let (exists, found) = try await transaction.batch(
        APIGroups.lock(group, in: tenant), APIImports.all(of: group, in: tenant))
      guard exists else { throw ConsoleError.notFound }
      let plan = ImportPlan(document, over: found)
      _ = try await transaction.batch(
        APIImports.update(plan.changed.map(\.id), to: plan.changed.map(\.draft), in: tenant),
        APIImports.insert(plan.new, into: group, in: tenant))
      let outcome = APIImport.Outcome(
        created: plan.new.count, updated: document.apis.count - plan.new.count, skipped: document.skipped,
        createdAPIs: plan.new, changedAPIs: plan.changed.map(\.draft))
      _ = try await transaction.run(ImportReports.replace(with: outcome, of: group, in: tenant))
      return outcome
    }
  }

  /// What the last import into a group's draft did; nil where there was none.
  package func importReport(of group: ID<APIGroup>, as principal: Principal) async throws -> ImportReport? {
    try principal.require(.anyRole)
    return try await store.run(in: principal.tenant, ImportReports.find(of: group, in: principal.tenant))
  }
}

/// What an import does to a draft.
private struct ImportPlan {
  private(set) var new: [API.Draft] = []
  /// Those that are not as the document has them.
  private(set) var changed: [(id: ID<API>, draft: API.Draft)] = []

  init(_ document: APIImport, over found: [FoundAPI]) {
    let known = Dictionary(found.map { ($0.pattern.clash, $0) }) { first, _ in first }
    for draft in document.apis {
      let pattern = draft.pattern
      let prefix = APIPattern(method: pattern.method, path: pattern.path, match: .prefix)
      guard let api = known[pattern.clash] ?? known[prefix.clash] else {
        new.append(draft)
        continue
      }
      let isSame =
        api.name == draft.name && api.description == draft.description && api.pattern.path == pattern.path
      if !isSame { changed.append((api.id, draft)) }
    }
  }
}
