package import FoundationEssentials
package import Model
import Store

extension Console {
  /// Tries a change and undoes it: nothing is changed, nothing audited, nobody woken.
  ///
  /// - Parameters:
  ///   - reached: which calls it takes something from.
  ///   - perform: the change, done by a console all of whose work is in a transaction that is rolled back. It refuses as it
  ///     would, also what is only looked at when it is committed.
  /// - Throws: what `perform` throws.
  package func dryRun(
    reaching reached: ReachedCalls, as principal: Principal, now: Date = Date(),
    _ perform: (Console) async throws -> Void
  ) async throws -> DryRun {
    do {
      return try await store.transaction(in: principal.tenant) { transaction -> DryRun in
        var console = self
        console.store = store.joined(to: transaction, of: principal.tenant)
        console.wakeGateways = {}
        // Before there is less to find.
        let found = try await console.missed(by: reached, as: principal, now: now)
        try await perform(console)
        try await transaction.checkConstraints()
        throw Undone(found: found)
      }
    } catch let undone as Undone {
      return undone.found
    }
  }

  private struct Undone: Error {
    let found: DryRun
  }

  /// Who called lately through what a change takes away.
  package func missed(by reached: ReachedCalls, as principal: Principal, now: Date = Date()) async throws -> DryRun {
    try principal.require(.anyRole)
    let (reached, span) = (try await resolved(reached, in: principal.tenant), DryRun.Span(until: now))
    guard let find = DryRuns.find(reached, in: span, of: principal.tenant) else { return .none(in: span) }
    return try await store.run(in: principal.tenant, find)
  }

  /// The same calls, known by what usage has of them. What the change itself refuses reaches none.
  private func resolved(_ reached: ReachedCalls, in tenant: ID<Tenant>) async throws -> ReachedCalls {
    switch reached {
    case .limitPolicy(let id, let changes):
      guard let policy = try await store.run(in: tenant, LimitPolicies.find(id, in: tenant)), changes.narrows(policy)
      else { return .none }
      return .limited(by: id)
    case .release(let release, let group):
      let missed = try await apisMissed(by: release, in: group, of: tenant)
      return missed.isEmpty ? .none : .apis(missed, of: group, release.environment)
    default: return reached
    }
  }

  /// What is live and takes calls that the revision does not.
  private func apisMissed(
    by release: Deployment.Release, in group: ID<APIGroup>, of tenant: ID<Tenant>
  ) async throws -> [ID<API>] {
    let (next, deployments) = try await store.pipeline(
      in: tenant, Revisions.find(version: release.version, of: group, in: tenant),
      Deployments.list(
        of: group, Deployment.Filter(environment: release.environment), after: nil, limit: 1, in: tenant))
    guard let next, let live = deployments.first, live.state == .live, live.revision != next.id else { return [] }
    let (after, before) = try await store.pipeline(
      in: tenant, Revisions.find(next.id, of: group, in: tenant), Revisions.find(live.revision, of: group, in: tenant))
    return (after.first?.apis ?? []).missed(of: before.first?.apis ?? []).map(\.api.id)
  }
}
