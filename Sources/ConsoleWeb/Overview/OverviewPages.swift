import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  static let overviewPages: [PageRoute] = [
    .get("/") { visit in
      let overview = try await visit.console.overview(
        expiringBy: SubscriptionKey.soon(after: visit.visit.now), as: visit.principal)
      var page = try await visit.attention(overview)
      let story = Story(overview.progress)
      page["paths"] = try await visit.paths(story, overview.progress)
      let today = try await visit.today()
      (page["today"], page["hasToday"]) = (today, !today.isEmpty)
      page["hasPaths"] = story.showsCaller || story.showsProvider
      page["offersPublishing"] = !story.showsProvider && !overview.progress.hasGroup && visit.may(.manageGroups)
      page["offersCalling"] = !story.showsCaller && !overview.progress.hasKey && visit.may(.manageKeys)
      return .page("overview.overview", title: "overview.title", page)
    }
  ]
}

extension SignedInVisit {
  /// How many calls there were since midnight, as either party, and how many of them were refused; none where there were none.
  fileprivate func today() async throws -> [[String: any Sendable]] {
    let midnight = (visit.now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
    let question = UsageReport.Question(
      from: Date(timeIntervalSince1970: midnight), to: Date(timeIntervalSince1970: midnight + 86_400), bucket: .day,
      by: [.outcome])
    let rows = try await console.usage(question, SliceRequest(limit: 100), as: principal).items
    return UsageReport.Side.allCases.compactMap { side in
      let own = rows.filter { $0.side == side }
      guard !own.isEmpty else { return nil }
      let refused = own.filter { $0.subject.outcome == .refused }
      func sum(_ rows: [UsageReport.Row]) -> String { words.number(rows.reduce(0) { $0 + $1.figures.requests }) }
      return [
        "label": words["overview.today.\(side.rawValue)"], "href": "/usage?side=\(side.rawValue)", "requests": sum(own),
        "refused": sum(refused), "hasRefused": !refused.isEmpty,
      ]
    }
  }

  /// What somebody should look after, a few of each.
  fileprivate func attention(_ overview: Overview) async throws -> [String: any Sendable] {
    let expiring = overview.expiring.prefix(5).map { page($0) }
    let offline = overview.offline.prefix(5).map(page)
    let received = overview.offlineReceived.prefix(5).map(page)
    let secrets = oldSecrets(overview.rotated)
    let changes = RecentChanges(overview.events).events
    let shown = changes.prefix(8)
    let doers = try await accountNames(of: shown.compactMap(\.account).filter { $0 != account.id })
    return [
      "expiring": expiring, "hasExpiring": !expiring.isEmpty, "hasMoreExpiring": overview.expiring.count > 5,
      "secrets": Array(secrets.prefix(5)), "hasSecrets": !secrets.isEmpty,
      "hasMoreSecrets": secrets.count > 5,
      "offline": offline, "hasOffline": !offline.isEmpty, "hasMoreOffline": overview.offline.count > 5,
      "received": received, "hasReceived": !received.isEmpty,
      "hasMoreReceived": overview.offlineReceived.count > 5,
      "isCalm": expiring.isEmpty && offline.isEmpty && received.isEmpty && secrets.isEmpty,
      "events": shown.map { page($0, doers) }, "hasEvents": !changes.isEmpty,
    ]
  }

  /// The older secrets of keys that have two: those first that programs still have.
  private func oldSecrets(_ keys: [SubscriptionKey]) -> [[String: any Sendable]] {
    let old = keys.compactMap { key -> (key: SubscriptionKey, secret: SubscriptionKey.Secret)? in
      guard key.secrets.count > 1, let secret = key.secrets.first else { return nil }
      return secret.use(at: visit.now) == .ended ? nil : (key, secret)
    }
    let inUse = old.filter { $0.secret.use(at: visit.now) == .inUse }
    return (inUse + old.filter { $0.secret.use(at: visit.now) != .inUse }).map { key, secret in
      page(secret, of: key).merging(["keyName": key.name.description, "isManaged": manages(key)]) { $1 }
    }
  }

  private func page(_ target: OfflineTarget) -> [String: any Sendable] {
    [
      "groupId": target.group.description, "groupName": target.groupName.description,
      "environment": target.environment.rawValue,
      "environmentWord": words["authorization.environment.\(target.environment.rawValue)"],
    ]
  }

  private func page(_ target: OfflineReceivedTarget) -> [String: any Sendable] {
    [
      "keyId": target.key.description, "keyName": target.keyName.description,
      "groupName": target.groupName.description, "provider": target.provider.name.description,
      "slug": target.provider.slug.description,
      "environmentWord": words["authorization.environment.\(target.environment.rawValue)"],
    ]
  }

  private func page(_ event: AuditEvent, _ doers: [String: String]) -> [String: any Sendable] {
    var page: [String: any Sendable] = [
      "occurredAt": RFC3339.string(event.occurredAt), "what": words.auditAction(event.action),
      "named": RecentChanges.name(of: event) ?? "",
    ]
    page["entityPath"] = event.entityPath
    page["isOwnDoing"] = event.account == account.id
    page["doer"] = event.account.flatMap { doers["\($0)"] }
    return page.withTimes
  }
}
