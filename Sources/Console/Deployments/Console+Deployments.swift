package import Model
import Sealing
import Store

extension Console {
  /// Releases a revision to an environment, in place of what is live there. Releasing an earlier one rolls back.
  ///
  /// - Throws: `InvalidInput` at `/version` if the group has no such revision, at `/backend/deploymentId` if it has no
  ///   such deployment; ``ConsoleError/noSealingKey`` if the backend has headers of its own that nothing can seal.
  package func release(
    _ release: Deployment.Release, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Deployment {
    try principal.require(.manageGroups)
    let (tenant, id) = (principal.tenant, ID<Deployment>.random())
    let sealed = try sealed(release.backend, of: id, in: tenant)
    let deployment = try await store.transaction(in: tenant) { transaction in
      let backend =
        if let sealed {
          sealed
        } else {
          try await earlierBackend(release.backend, of: group, for: id, transaction, tenant)
        }
      let (touched, _, deployment) = try await transaction.batch(
        Deployments.touchGroup(group, freezingPrefix: true, in: tenant),
        Deployments.end(group, in: release.environment, of: tenant),
        Deployments.insert(
          release.version, to: release.environment, backend, id: id, of: group, in: tenant))
      guard touched == 1 else { throw ConsoleError.notFound }
      guard let deployment else { throw InvalidInput("/version", "must be the version of a revision of this group") }
      return deployment
    }
    wakeGateways()
    return deployment
  }

  package func deployment(
    _ id: ID<Deployment>, of group: ID<APIGroup>, as principal: Principal
  ) async throws -> Deployment {
    try principal.require(.anyRole)
    let found = try await store.run(in: principal.tenant, Deployments.find(id, of: group, in: principal.tenant))
    guard let found else { throw ConsoleError.notFound }
    return found.deployment
  }

  package func deployments(
    of group: ID<APIGroup>, _ filter: Deployment.Filter, _ slice: SliceRequest<Deployment>, as principal: Principal
  ) async throws -> Slice<Deployment> {
    try principal.require(.anyRole)
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
    try principal.require(.manageGroups)
    try await store.transaction(in: principal.tenant) { transaction in
      let (_, ended) = try await transaction.batch(
        Deployments.touchGroup(group, freezingPrefix: false, in: principal.tenant),
        Deployments.end(group, in: environment, of: principal.tenant))
      guard ended == 1 else { throw ConsoleError.notFound }
    }
    wakeGateways()
  }

  /// A new backend as it is kept; nil for another deployment's.
  private func sealed(
    _ backend: Deployment.GivenBackend, of deployment: ID<Deployment>, in tenant: ID<Tenant>
  ) throws -> SealedBackend? {
    guard case .new(let backend, let headers) = backend else { return nil }
    guard !headers.isEmpty else { return SealedBackend(backend, sealedHeaders: nil) }
    return SealedBackend(backend, sealedHeaders: try seal(headers.lines, of: deployment, in: tenant))
  }

  /// Another deployment's backend, its headers sealed anew for this one: a sealed value opens at its own place only.
  private func earlierBackend(
    _ backend: Deployment.GivenBackend, of group: ID<APIGroup>, for deployment: ID<Deployment>,
    _ transaction: StoreTransaction, _ tenant: ID<Tenant>
  ) async throws -> SealedBackend {
    guard case .same(let reference) = backend, let id = reference.id,
      let found = try await transaction.run(Deployments.find(id, of: group, in: tenant))
    else {
      guard try await transaction.run(APIGroups.exists(group, in: tenant)) else { throw ConsoleError.notFound }
      throw InvalidInput("/backend/deploymentId", "must be the id of a deployment of this group")
    }
    guard let sealedHeaders = found.sealedHeaders else {
      return SealedBackend(found.deployment.backend, sealedHeaders: nil)
    }
    let place = SealedPlace(backendHeadersOf: id, in: tenant)
    let lines = try requireSealer().open(sealedHeaders, for: .backendHeaders, at: place)
    return SealedBackend(found.deployment.backend, sealedHeaders: try seal(lines, of: deployment, in: tenant))
  }

  private func seal(_ lines: [UInt8], of deployment: ID<Deployment>, in tenant: ID<Tenant>) throws -> [UInt8] {
    let place = SealedPlace(backendHeadersOf: deployment, in: tenant)
    return try requireSealer().seal(lines, for: .backendHeaders, at: place)
  }
}
