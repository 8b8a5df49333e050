import Foundation
import Model

extension Words {
  /// A moment for sentences, as `2026-11-26 16:05 UTC`. (Elsewhere it is a `time`, which the browser puts into words.)
  static func moment(_ date: Date) -> String {
    RFC3339.string(date).prefix(16).replacing("T", with: " ") + " UTC"
  }

  /// A number with a mark after each three of its digits, as `20,000`, which both languages write so.
  func number(_ number: Int) -> String {
    var digits = String(number)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = digits.dropLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: ",")
  }

  /// How long ago something was, as `3 hours ago`.
  func ago(_ date: Date, now: Date) -> String {
    span("time.ago.", now.timeIntervalSince(date))
  }

  /// How soon something will be, as `in 3 hours`.
  func ahead(_ date: Date, now: Date) -> String {
    span("time.ahead.", date.timeIntervalSince(now))
  }

  /// In the largest unit of which there are at least two.
  private func span(_ prefix: String, _ seconds: TimeInterval) -> String {
    let units: [(name: String, seconds: Double)] = [("days", 86_400), ("hours", 3_600), ("minutes", 60)]
    guard let unit = units.first(where: { seconds >= 2 * $0.seconds }) else { return self[prefix + "moment"] }
    return self[prefix + unit.name, ["count": String(Int(seconds / unit.seconds))]]
  }
}

extension [String: any Sendable] {
  /// The same and, for each time in it, what a browser without scripts shows: beside `createdAt`, `createdAtText`.
  var withTimes: Self {
    reduce(into: self) { members, member in
      guard member.key.hasSuffix("At"), let date = (member.value as? String).flatMap(RFC3339.date) else { return }
      members[member.key + "Text"] = Words.moment(date)
    }
  }
}
