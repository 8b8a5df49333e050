package import Model
import Store

extension Console {
  /// What is left of the limits of a key of this tenant, target by target: of those that it may call and that anything
  /// limits, the newest authorization's first.
  ///
  /// - Returns: up to `limit` targets, and the place behind which the list goes on, `nil` at the end.
  package func receivedLimits(
    of key: ID<SubscriptionKey>, after place: ReceivedLimits.Place?, limit: Int, as principal: Principal
  ) async throws -> (targets: [ReceivedLimits], next: ReceivedLimits.Place?) {
    try principal.require(.anyRole)
    return try await store.transaction(in: principal.tenant) { transaction in
      let (keys, read) = try await transaction.batch(
        SubscriptionKeys.find(key, in: principal.tenant),
        ReceivedLimitStatements.targets(of: key, after: place, limit: limit + 1))
      guard !keys.isEmpty else { throw ConsoleError.notFound }
      let page = read.prefix(limit)
      let standings = try await transaction.run(
        ReceivedLimitStatements.list(of: key, at: page.map(\.limits.key)))
      let targets = page.map { listed in
        var limits = listed.limits
        limits.target.limits = standings[limits.key] ?? []
        return limits
      }
      return (targets, read.count > limit ? page.last?.place : nil)
    }
  }

  /// What is left of the limits of a key of this tenant at some of its targets; nothing for those that are not its.
  package func receivedLimits(
    of key: ID<SubscriptionKey>, at targets: [ReceivedLimits.Key], as principal: Principal
  ) async throws -> [ReceivedLimits.Key: [RemainingLimit]] {
    try principal.require(.anyRole)
    guard !targets.isEmpty else { return [:] }
    return try await store.run(in: principal.tenant, ReceivedLimitStatements.list(of: key, at: targets))
  }

  /// What is left of the limits of an authorization that this tenant gave, for each of its targets that anything limits.
  package func remainingLimits(
    of authorization: ID<Authorization>, as principal: Principal
  ) async throws -> [LimitedTarget] {
    try principal.require(.anyRole)
    let (found, targets) = try await store.pipeline(
      in: principal.tenant, Authorizations.find(authorization, in: principal.tenant),
      RemainingLimits.list(of: authorization, in: principal.tenant))
    guard !found.isEmpty else { throw ConsoleError.notFound }
    return targets
  }

  /// What is left of what all callers of a group in an environment share.
  package func remainingLimits(
    of group: ID<APIGroup>, _ environment: DeploymentEnvironment, as principal: Principal
  ) async throws -> LimitedTarget {
    try principal.require(.anyRole)
    let target = try await store.run(
      in: principal.tenant, RemainingLimits.find(of: group, environment, in: principal.tenant))
    guard let target else { throw ConsoleError.notFound }
    return target
  }
}
