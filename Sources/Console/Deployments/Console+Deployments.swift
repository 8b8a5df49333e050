package import Model
import Sealing
import Store

extension Console {
  /// Releases a revision to an environment, in place of what is live there. Releasing an earlier one rolls back.
  ///
  /// - Throws: `InvalidInput` at `/version` if the group has no such revision, ``ConsoleError/noSealingKey`` if the
  ///   backend has headers of its own that nothing can seal.
  package func release(
    _ release: Deployment.Release, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Deployment {
    try principal.require(.admin)
    let id = ID<Deployment>.random()
    let sealedHeaders = try seal(release.headers, of: id, in: principal.tenant)
    let deployment = try await store.transaction(in: principal.tenant) { transaction in
      let (touched, _, deployment) = try await transaction.batch(
        Deployments.touchGroup(group, freezingPrefix: true, in: principal.tenant),
        Deployments.end(group, in: release.environment, of: principal.tenant),
        Deployments.insert(release, id: id, sealedHeaders: sealedHeaders, of: group, in: principal.tenant))
      guard touched == 1 else { throw ConsoleError.notFound }
      guard let deployment else { throw InvalidInput("/version", "must be the version of a revision of this group") }
      return deployment
    }
    wakeGateways()
    return deployment
  }

  package func deployments(
    of group: ID<APIGroup>, _ filter: Deployment.Filter, _ slice: SliceRequest<Deployment>, as principal: Principal
  ) async throws -> Slice<Deployment> {
    try principal.require(.viewer)
    let (exists, deployments) = try await store.pipeline(
      in: principal.tenant,
      APIGroups.exists(group, in: principal.tenant),
      Deployments.list(of: group, filter, after: slice.after, limit: slice.limit + 1, in: principal.tenant))
    guard exists else { throw ConsoleError.notFound }
    return Slice(read: deployments, limit: slice.limit) { Position(createdAt: $0.createdAt, id: $0.id) }
  }

  /// Ends what is live in an environment.
  package func takeOffline(
    _ group: ID<APIGroup>, in environment: DeploymentEnvironment, as principal: Principal
  ) async throws {
    try principal.require(.admin)
    try await store.transaction(in: principal.tenant) { transaction in
      let (_, ended) = try await transaction.batch(
        Deployments.touchGroup(group, freezingPrefix: false, in: principal.tenant),
        Deployments.end(group, in: environment, of: principal.tenant))
      guard ended == 1 else { throw ConsoleError.notFound }
    }
    wakeGateways()
  }

  private func seal(
    _ headers: [BackendHeader], of deployment: ID<Deployment>, in tenant: ID<Tenant>
  ) throws -> [UInt8]? {
    guard !headers.isEmpty else { return nil }
    let place = SealedPlace(backendHeadersOf: deployment, in: tenant)
    return try requireSealer().seal(headers.lines, for: .backendHeaders, at: place)
  }
}
