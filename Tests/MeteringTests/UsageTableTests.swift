import Metering
import Model
import Testing

@Suite struct UsageTableTests {
  private let provider = ID<Tenant>.random()

  private func call(
    of group: ID<APIGroup>, _ outcome: CallOutcome = .admitted, status: Int = 200, took duration: Int64 = 1
  ) -> MeteredCall {
    let key = UsageKey(group: group, environment: .online, api: nil, secret: nil, outcome: outcome)
    return MeteredCall(
      key, of: provider, by: nil, status: status, bytesIn: 10, bytesOut: 20, duration: duration)
  }

  @Test func countsWhatIsAlikeTogetherAndNothingElse() {
    var table = UsageTable()
    let (first, second) = (ID<APIGroup>.random(), ID<APIGroup>.random())
    for status in [200, 204, 404, 503, 0, 101, 302] {
      table.count(call(of: first, status: status, took: 1000), endedAt: Int64(status))
    }
    table.count(call(of: first, .refused(.keyUnknown), status: 401), endedAt: 1)
    table.count(call(of: second), endedAt: 2)
    let log = UsageLog()
    log.add(&table, minute: 60)
    let rows = log.take().flatMap(\.rows)
    #expect(rows.count == 3 && table.isEmpty && log.take().isEmpty)
    let row = rows.first { $0.key.group == first && $0.key.outcome == .admitted }
    let counts = row?.counts ?? UsageCounts()
    #expect((0...5).map { counts.statuses[$0] } == [1, 1, 2, 1, 1, 1])
    #expect(counts.bytesIn == 70 && counts.bytesOut == 140 && counts.duration == 7000 && counts.lastCalled == 302)
    #expect(counts.histogram.counts[LatencyHistogram.bucket(of: 1000)] == 7 && counts.requests == 7)
    #expect(row?.minute == 60 && row?.provider == provider)
  }

  @Test func takesAsManyKindsAsItSays() {
    var table = UsageTable()
    var groups: [ID<APIGroup>] = []
    while !table.isFull {
      groups.append(.random())
      table.count(call(of: groups.last!), endedAt: 1)
    }
    for group in groups { table.count(call(of: group), endedAt: 1) }
    let rows = Array(table.rows)
    #expect(rows.count == UsageTable.capacity && rows.allSatisfy { $0.counts.requests == 2 })
  }

  @Test func aLogHoldsSoManyKindsAndSaysWhatItLost() {
    let log = UsageLog(capacity: 2)
    var table = UsageTable()
    let groups = [ID<APIGroup>.random(), .random()]
    func count(_ times: Int, minute: Int64) {
      for _ in 0..<times { table.count(call(of: groups[0]), endedAt: 1) }
      log.add(&table, minute: minute)
    }
    count(1, minute: 0)
    count(2, minute: 60)
    count(3, minute: 60)
    let taken = log.take()
    #expect(taken.map(\.minute) == [0, 60] && taken.map(\.requests) == [1, 2])
    #expect(log.lost == 3 && table.isEmpty)
    // Taken is not done with.
    count(4, minute: 60)
    #expect(log.lost == 7 && log.take().isEmpty)
    log.putBack(taken[0])
    log.recycle(taken[1])
    count(5, minute: 120)
    #expect(log.take().map(\.requests) == [1, 5] && log.lost == 7)
  }

  /// A table that comes back is an empty one.
  @Test func aLogGivesTablesOut() {
    let log = UsageLog()
    var table = UsageTable()
    for round in 1...5 as ClosedRange<Int64> {
      table.count(call(of: .random()), endedAt: 1)
      log.add(&table, minute: round)
      #expect(table.isEmpty)
      for taken in log.take() {
        #expect(taken.requests == 1 && taken.kindCount == 1 && taken.minute == round)
        log.recycle(taken)
      }
    }
  }
}
