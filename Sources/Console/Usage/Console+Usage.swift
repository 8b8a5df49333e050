package import FoundationEssentials
package import Model
import Store

extension Console {
  /// What the tenant's keys did anywhere, and what reached its groups, the newest time first.
  ///
  /// Times are read a few at once until the page is full, so that it costs what is on it. A position has the time of its row,
  /// where in that time the row is, and the end of all that was asked for: so that all pages are of the same time.
  package func usage(
    _ question: UsageReport.Question, _ slice: SliceRequest<UsageReport.Row>, as principal: Principal,
    now: Date = Date()
  ) async throws -> Slice<UsageReport.Row> {
    try principal.require(.anyRole)
    var question = question
    let place = slice.after.map(UsagePlace.init)
    question.to = question.to ?? place?.to
    let span = try UsageReport.Span(question, now: now)
    var (rows, places): ([UsageReport.Row], [UsagePlace]) = ([], [])
    var steps = UsageSteps(question, span, from: place)
    while rows.count <= slice.limit, let step = steps.next() {
      let more = try await store.run(
        in: principal.tenant,
        UsageReports.list(
          question, in: step.span, offset: step.offset, limit: slice.limit + 1 - rows.count, of: principal.tenant))
      for row in more {
        let last = places.last ?? place
        let index = last.map { $0.time == row.startsAt ? $0.index + 1 : 1 } ?? 1
        places.append(UsagePlace(time: row.startsAt, index: index, to: span.to))
      }
      rows += more
    }
    return Slice(read: rows, positions: places.map(\.position), limit: slice.limit)
  }
}

/// Where a page ends: behind which row of which time.
private struct UsagePlace {
  let time: Date
  let index: Int
  let to: Date

  init(time: Date, index: Int, to: Date) {
    (self.time, self.index, self.to) = (time, index, to)
  }

  init(_ position: Position<UsageReport.Row>) {
    time = position.createdAt
    index = Int(truncatingIfNeeded: position.id.bits & UInt128(UInt64.max >> 1))
    to = Date(timeIntervalSince1970: Double(Int64(truncatingIfNeeded: position.id.bits >> 64)))
  }

  var position: Position<UsageReport.Row> {
    Position(createdAt: time, id: ID(bits: UInt128(UInt64(to.timeIntervalSince1970)) << 64 | UInt128(UInt64(index))))
  }
}

/// The times that are read one after the other, the newest first: more and more at once, as long as they have little.
private struct UsageSteps {
  private let span: UsageReport.Span
  private let isTotal: Bool
  private var end: Date
  private var offset: Int
  private var count: Double

  init(_ question: UsageReport.Question, _ span: UsageReport.Span, from place: UsagePlace?) {
    self.span = span
    let isTotal = question.bucket == .total
    self.isTotal = isTotal
    end = place.map { isTotal ? span.to : span.end(of: $0.time, in: question.bucket) } ?? span.to
    offset = place?.index ?? 0
    let ids = question.dimensions.subtracting([.environment, .outcome])
    count = ids.isEmpty ? 200 : ids.count == 1 ? 4 : 1
  }

  mutating func next() -> (span: UsageReport.Span, offset: Int)? {
    guard end > span.from else { return nil }
    let start = isTotal ? span.from : max(span.from, end - count * span.level.seconds)
    defer { (end, offset, count) = (start, 0, count * 4) }
    return (span.part(from: start, to: end), offset)
  }
}
