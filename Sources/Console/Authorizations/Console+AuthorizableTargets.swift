package import Model
import Store

extension Console {
  /// What keys can be authorized for, and if the filter asks for it the rest too.
  ///
  /// - Returns: up to `limit` targets, and the place behind which the list goes on, `nil` at the end.
  package func authorizableTargets(
    _ filter: AuthorizableTarget.Filter, after place: AuthorizableTarget.Place?, limit: Int, as principal: Principal
  ) async throws -> (targets: [AuthorizableTarget], next: AuthorizableTarget.Place?) {
    try principal.require(.anyRole)
    let read = try await store.run(
      in: principal.tenant, AuthorizableTargets.list(filter, after: place, limit: limit + 1, in: principal.tenant))
    let page = read.prefix(limit)
    return (page.map(\.target), read.count > limit ? page.last?.place : nil)
  }

  /// What providers authorized a key of this tenant for.
  ///
  /// - Returns: up to `slice.limit` authorizations, and where the list goes on, `nil` at the end.
  package func receivedAuthorizations(
    of key: ID<SubscriptionKey>, _ slice: SliceRequest<Authorization>, as principal: Principal
  ) async throws -> (authorizations: [ReceivedAuthorization], next: Position<Authorization>?) {
    try principal.require(.anyRole)
    let (keys, read) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionKeys.find(key, in: principal.tenant),
      ReceivedAuthorizations.list(of: key, after: slice.after, limit: slice.limit + 1))
    guard !keys.isEmpty else { throw ConsoleError.notFound }
    let page = Array(read.prefix(slice.limit))
    let next = page.last.map { Position<Authorization>(createdAt: $0.createdAt, id: $0.id) }
    return (page, read.count > slice.limit ? next : nil)
  }
}
