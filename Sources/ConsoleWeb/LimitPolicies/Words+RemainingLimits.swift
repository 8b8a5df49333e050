import Foundation
import Model

extension Words {
  /// What is left of limits, for the template of a meter each.
  func left(_ limits: [RemainingLimit]) -> [[String: any Sendable]] {
    limits.map { limit in
      ["text": left(limit), "remaining": limit.remaining, "requests": limit.requests, "low": limit.requests / 10]
    }
  }

  /// `37 of 100 left this minute, refills 12:01 UTC`, and whose calls count if those of others do.
  func left(_ limit: RemainingLimit) -> String {
    let left = self[
      "limit.left.\(limit.period.rawValue)",
      [
        "left": number(limit.remaining), "count": number(limit.requests),
        "time": Self.refill(limit.resetsAt, of: limit.period),
      ]]
    let qualified = limit.mode == .enforce ? left : qualified(left, self["limit.observed"])
    return limit.scope == .shared ? labelled(self["authorization.limits.shared"], qualified) : qualified
  }

  /// To the minute, with the date where it is another day's.
  private static func refill(_ date: Date, of period: LimitPeriod) -> String {
    period.isQuota ? moment(date) : String(moment(date).dropFirst(11))
  }
}
