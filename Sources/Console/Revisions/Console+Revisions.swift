package import Model
import Store

extension Console {
  /// Freezes a group's draft.
  ///
  /// - Throws: ``ConsoleError/emptyDraft``.
  package func createRevision(
    _ draft: Revision.Draft, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision.Contents {
    try principal.require(.admin)
    let revisions = try await store.run(
      in: principal.tenant, Revisions.insert(draft, id: .random(), of: group, in: principal.tenant))
    guard let revision = revisions.first else {
      try await requireGroup(group, as: principal)
      throw ConsoleError.emptyDraft
    }
    return revision
  }

  package func revisions(
    of group: ID<APIGroup>, _ slice: SliceRequest<Revision>, as principal: Principal
  ) async throws -> Slice<Revision> {
    try principal.require(.viewer)
    let (exists, revisions) = try await store.pipeline(
      in: principal.tenant,
      APIGroups.exists(group, in: principal.tenant),
      Revisions.list(of: group, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    guard exists else { throw ConsoleError.notFound }
    return Slice(read: revisions, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  package func revision(
    _ id: ID<Revision>, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision.Contents {
    try principal.require(.viewer)
    let revisions = try await store.run(in: principal.tenant, Revisions.find(id, of: group, in: principal.tenant))
    guard let revision = revisions.first else { throw ConsoleError.notFound }
    return revision
  }
}
