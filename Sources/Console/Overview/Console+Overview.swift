package import FoundationEssentials
package import Model
import Store

/// What somebody who comes in should see first of a tenant: a little of each.
package struct Overview: Sendable {
  package let progress: StoryProgress
  /// Active keys that expire soon, the soonest first.
  package let expiring: [SubscriptionKey]
  /// Keys that have two secrets, those first that were given the second one last.
  package let rotated: [SubscriptionKey]
  package let offline: [OfflineTarget]
  /// Of other tenants, that keys of this one may call.
  package let offlineReceived: [OfflineReceivedTarget]
  /// Newest first.
  package let events: [AuditEvent]
}

extension Console {
  /// - Parameter end: until when a key has to end for it to be shown.
  package func overview(expiringBy end: Date, as principal: Principal) async throws -> Overview {
    try principal.require(.anyRole)
    let tenant = principal.tenant
    let (progress, expiring, rotated, offline, received, events) = try await store.pipeline(
      in: tenant,
      StoryProgresses.find(in: tenant),
      SubscriptionKeys.listExpiring(by: end, nil, after: nil, limit: Self.shown, in: tenant),
      SubscriptionKeys.listRotated(limit: Self.shown, in: tenant),
      OfflineTargets.list(limit: Self.shown, in: tenant),
      OfflineReceivedTargets.list(limit: Self.shown, in: tenant),
      AuditEvents.list(AuditEvent.Filter(), after: nil, limit: Self.shown, in: tenant))
    return Overview(
      progress: progress, expiring: expiring, rotated: rotated, offline: offline, offlineReceived: received,
      events: events)
  }

  private static var shown: Int { 51 }
}
