package import Model
import Store

extension Console {
  /// Freezes a group's draft.
  ///
  /// - Throws: ``ConsoleError/emptyDraft``.
  package func createRevision(
    _ draft: Revision.Draft, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision.Contents {
    try principal.require(.manageGroups)
    let revisions = try await store.patient(for: Self.timeOfLargeChanges).transaction(in: principal.tenant) {
      try await $0.run(Revisions.insert(draft, id: .random(), of: group, in: principal.tenant))
    }
    guard let revision = revisions.first else {
      try await requireGroup(group, as: principal)
      throw ConsoleError.emptyDraft
    }
    return revision
  }

  package func revisions(
    of group: ID<APIGroup>, _ slice: SliceRequest<Revision>, as principal: Principal
  ) async throws -> Slice<Revision> {
    try await revisions(of: group, Revision.Filter(), slice, as: principal)
  }

  package func revisions(
    of group: ID<APIGroup>, _ filter: Revision.Filter, _ slice: SliceRequest<Revision>, as principal: Principal
  ) async throws -> Slice<Revision> {
    try principal.require(.anyRole)
    let (exists, revisions) = try await store.pipeline(
      in: principal.tenant,
      APIGroups.exists(group, in: principal.tenant),
      Revisions.list(of: group, filter, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    guard exists else { throw ConsoleError.notFound }
    return Slice(read: revisions, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  package func revision(
    _ id: ID<Revision>, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision.Contents {
    try principal.require(.anyRole)
    let revisions = try await store.run(in: principal.tenant, Revisions.find(id, of: group, in: principal.tenant))
    guard let revision = revisions.first else { throw ConsoleError.notFound }
    return revision
  }

  /// The revision of this version; nil where the group has none.
  package func revision(
    version: RevisionVersion, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision? {
    try principal.require(.anyRole)
    return try await store.run(
      in: principal.tenant, Revisions.find(version: version, of: group, in: principal.tenant))
  }

  /// What a revision has otherwise than another of the same group, or than the draft.
  ///
  /// - Parameter standard: `nil` for a revision that is none.
  /// - Throws: `InvalidInput` at `?against` if there is no such revision.
  package func difference(
    of id: ID<Revision>, against standard: Revision.Standard?, in group: ID<APIGroup>, as principal: Principal
  ) async throws -> Revision.Difference {
    let contents = try await revision(id, of: group, as: principal)
    switch standard {
    case .draft:
      let draft = try await store.run(in: principal.tenant, APIImports.all(of: group, in: principal.tenant))
      return Revision.Difference(of: contents.apis, against: draft.map(\.frozen))
    case .revision(let other):
      let others = try await store.run(in: principal.tenant, Revisions.find(other, of: group, in: principal.tenant))
      guard let other = others.first else { fallthrough }
      return Revision.Difference(of: contents.apis, against: other.apis)
    case nil: throw InvalidInput("?against", "must be draft, or the id of a revision of this group")
    }
  }
}

extension FoundAPI {
  /// As a revision would have it.
  fileprivate var frozen: Revision.FrozenAPI {
    Revision.FrozenAPI(id: id, name: name, description: description, pattern: pattern)
  }
}
