package import Model
import Store

extension Console {
  /// Adds an API to a draft.
  ///
  /// - Throws: ``ConsoleError/apiExists(_:)``.
  package func createAPI(
    _ draft: API.Draft, in group: ID<APIGroup>, as principal: Principal
  ) async throws -> API {
    try principal.require(.manageGroups)
    let (api, other) = try await store.pipeline(
      in: principal.tenant,
      APIs.insert(draft, id: .random(), into: group, in: principal.tenant),
      APIs.find(takingCallsOf: draft.pattern, in: group, of: principal.tenant))
    if let api { return api }
    throw other.map(ConsoleError.apiExists) ?? .notFound
  }

  package func apis(
    of group: ID<APIGroup>, _ slice: SliceRequest<API>, as principal: Principal
  ) async throws -> Slice<API> {
    try await apis(of: group, API.Filter(), slice, as: principal)
  }

  package func apis(
    of group: ID<APIGroup>, _ filter: API.Filter, _ slice: SliceRequest<API>, as principal: Principal
  ) async throws -> Slice<API> {
    try principal.require(.anyRole)
    let (exists, apis) = try await store.pipeline(
      in: principal.tenant,
      APIGroups.exists(group, in: principal.tenant),
      APIs.list(of: group, filter, slice.order, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    guard exists else { throw ConsoleError.notFound }
    return Slice(read: apis, limit: slice.limit) {
      Position(createdAt: $0.createdAt, id: $0.id, name: $0.pattern.path.description, in: slice.order)
    }
  }

  package func api(_ id: ID<API>, of group: ID<APIGroup>, as principal: Principal) async throws -> API {
    try principal.require(.anyRole)
    guard let api = try await store.run(in: principal.tenant, APIs.find(id, of: group, in: principal.tenant)) else {
      throw ConsoleError.notFound
    }
    return api
  }

  package func updateAPI(
    _ id: ID<API>, of group: ID<APIGroup>, to changes: API.Changes, expecting version: ExpectedVersion,
    as principal: Principal
  ) async throws -> API {
    try principal.require(.manageGroups)
    let updated: API?
    do {
      updated = try await store.run(
        in: principal.tenant, APIs.update(id, of: group, to: changes, expecting: version, in: principal.tenant))
    } catch StoreError.conflict(.apiShape) {
      let other = try await store.run(
        in: principal.tenant, APIs.find(inTheWayOf: changes, to: id, of: group, in: principal.tenant))
      throw other.map(ConsoleError.apiExists) ?? StoreError.conflict(.apiShape)
    }
    guard let updated else {
      _ = try await api(id, of: group, as: principal)
      throw ConsoleError.preconditionFailed
    }
    return updated
  }

  package func deleteAPI(_ id: ID<API>, of group: ID<APIGroup>, as principal: Principal) async throws {
    try principal.require(.manageGroups)
    let deleted = try await store.run(in: principal.tenant, APIs.delete(id, of: group, in: principal.tenant))
    guard deleted == 1 else { throw ConsoleError.notFound }
  }
}
