import Console
import Foundation
import Model

extension SignedInVisit {
  /// Who called lately through what a change takes away, for the page that asks; `nil` for one that takes nothing.
  func missed(by reached: ReachedCalls) async throws -> DryRun? {
    if case .none = reached { return nil }
    return try await console.missed(by: reached, as: principal, now: visit.now)
  }
}

extension Words {
  /// How many callers a page names.
  private static var shownCallers: Int { 10 }

  /// What the page that asks says of who called.
  func missed(_ found: DryRun) -> [String: any Sendable] {
    let shown = found.callers.prefix(Self.shownCallers)
    var page: [String: any Sendable] = [
      "summary": summary(of: found), "isAny": !shown.isEmpty, "callers": shown.map(row),
    ]
    page["rest"] = rest(of: found, beyond: shown.count)
    return page
  }

  private func summary(of found: DryRun) -> String {
    guard let last = found.lastCalledAt else { return self["missed.none"] }
    let times: KeyValuePairs = [
      "count": number(found.requests), "moment": Self.moment(last), "ago": ago(last, now: found.span.until),
    ]
    return self[found.requests == 1 ? "missed.one" : "missed.some", times]
  }

  private func row(_ caller: DryRun.Caller) -> [String: any Sendable] {
    let environment = self["environment.\(caller.environment.rawValue)"]
    let row: [String: any Sendable] = [
      "key": key(of: caller), "group": qualified(caller.groupName?.description ?? "\(caller.group)", environment),
      "requests": number(caller.requests), "lastCalledAt": RFC3339.string(caller.lastCalledAt),
    ]
    return row.withTimes
  }

  private func key(of caller: DryRun.Caller) -> String {
    guard let id = caller.subscription else { return self["usage.noKey"] }
    guard let name = caller.subscriptionName, let tenant = caller.tenant else { return "\(id)" }
    return qualified("\(name)", "\(tenant.name)")
  }

  /// Nothing where all are shown.
  private func rest(of found: DryRun, beyond shown: Int) -> String? {
    if found.areMore { return self["missed.more", ["count": number(DryRun.maximumCallers - shown)]] }
    let rest = found.callers.count - shown
    return rest > 0 ? self["missed.rest", ["count": number(rest)]] : nil
  }
}
