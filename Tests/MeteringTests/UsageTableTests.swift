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
    let rows = table.take(minute: 60)
    #expect(rows.count == 3 && table.isEmpty && table.take(minute: 60).isEmpty)
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
    let rows = table.take(minute: 0)
    #expect(rows.count == UsageTable.capacity && rows.allSatisfy { $0.counts.requests == 2 })
  }

  @Test func aLogAddsUpMinuteByMinuteAndSaysWhatItLost() {
    let log = UsageLog(capacity: 2)
    var table = UsageTable()
    let group = ID<APIGroup>.random()
    for minute: Int64 in [0, 0, 60] {
      table.count(call(of: group), endedAt: 1)
      log.add(table.take(minute: minute))
    }
    table.count(call(of: .random()), endedAt: 1)
    log.add(table.take(minute: 0))
    let rows = log.take().sorted { $0.minute < $1.minute }
    #expect(rows.map(\.minute) == [0, 60] && rows.map(\.counts.requests) == [2, 1])
    #expect(log.lost == 1 && log.take().isEmpty)
  }
}
