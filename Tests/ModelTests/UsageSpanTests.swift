import Foundation
import Model
import Testing

@Suite struct UsageSpanTests {
  private let now = Date(timeIntervalSince1970: 1_795_000_030)

  private func span(_ bucket: UsageReport.Bucket, from: Double? = nil, to: Double? = nil) throws -> UsageReport.Span {
    try UsageReport.Span(
      UsageReport.Question(from: from.map { now + $0 }, to: to.map { now + $0 }, bucket: bucket), now: now)
  }

  @Test(arguments: [(UsageReport.Bucket.minute, 3600.0), (.hour, 86_400), (.day, 30 * 86_400), (.total, 86_400)])
  func endsWithTheBucketThatIsUnderWay(bucket: UsageReport.Bucket, length: Double) throws {
    let span = try span(bucket)
    #expect(span.to > now && span.to.timeIntervalSince(now) <= span.level.seconds)
    #expect(span.to.timeIntervalSince(span.from) == length)
    #expect(span.to.timeIntervalSince1970.truncatingRemainder(dividingBy: span.level.seconds) == 0)
  }

  @Test func goesOnFromItsOwnEnd() throws {
    let first = try span(.hour)
    let next = try UsageReport.Span(UsageReport.Question(to: first.to), now: now + 7200)
    #expect(next == first)
  }

  @Test func takesAsLargePartsForATotalAsItIsLong() throws {
    #expect(try span(.total, from: -3600).level == .minute)
    #expect(try span(.total, from: -7 * 86_400).level == .hour)
    #expect(try span(.total, from: -30 * 86_400).level == .day)
  }

  @Test func takesDaysForATotalOfWholeOnesAndHoursForOneOfWholeHours() throws {
    let midnight = (now.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 - now.timeIntervalSince1970
    #expect(try span(.total, from: midnight - 86_400, to: midnight).level == .day)
    #expect(try span(.total, from: midnight - 3600, to: midnight).level == .hour)
    #expect(try span(.total, from: midnight - 3601, to: midnight).level == .minute)
  }

  @Test func refusesWhatIsNoTimeOrTooMany() {
    for (bucket, from, to) in [
      (UsageReport.Bucket.hour, 0.0, 0.0), (.hour, 10, -10), (.minute, -3 * 86_400, 0), (.hour, -63 * 86_400, 0),
      (.day, -1200 * 86_400, 0),
    ] {
      let refusal = #expect(throws: InvalidInput.self) { try span(bucket, from: from, to: to) }
      #expect(refusal?.complaints.map(\.pointer) == ["?from"])
    }
  }
}
