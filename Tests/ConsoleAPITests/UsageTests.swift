import Contract
import FoundationEssentials
import HTTPTypes
import Model
import TestPostgres
import Testing

/// What both parties of a call are told of it.
@Suite(.latchkey, .timeLimit(.minutes(10)))
struct UsageTests {
  private struct Setup {
    let api: Harness
    let acme, globex: Caller
    let group, key: String
  }

  /// A provider whose group another tenant's key was authorized for and called some times.
  private static func run(_ body: @escaping @Sendable (Setup) async throws -> Void) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.liveGroup(of: acme)
      let key = try await api.key(of: globex)
      try await Catalogue.run(Harness.recordUsage(of: group, key: key, sequence: 1, for: acme.tenant))
      try await Catalogue.run(Harness.recordUsage(of: group, sequence: 2, for: acme.tenant))
      try await Catalogue.run(Harness.recordUsage(of: group, key: key, sequence: 4, for: acme.tenant))
      try await body(Setup(api: api, acme: acme, globex: globex, group: group, key: key))
    }
  }

  private static func requests(_ answer: Answer) -> [Int] {
    answer.items.compactMap { $0["requests"]?.wholeNumber }
  }

  @Test func tellsEachPartyItsOwnSide() async throws {
    try await Self.run { setup in
      for isSummed in [false, true] {
        if isSummed { try await Catalogue.run("SELECT roll_up_usage()") }
        for bucket in ["minute", "hour", "day", "total"] {
          let query = "/usage?bucket=\(bucket)&groupBy=key,group,environment,outcome"
          let caller = try await setup.api.send(.get, query, as: setup.globex)
          #expect(Self.requests(caller).reduce(0, +) == 5 && caller.items.allSatisfy { $0["side"] == "caller" })
          let item = caller.items.first
          #expect(item?["subscriptionId"]?.text == setup.key && item?["groupId"]?.text == setup.group)
          #expect(item?["subscriptionName"] != .null && item?["groupName"] == .null)
          #expect(item?["outcome"] == "admitted" && item?["reason"] == .null && item?["environment"] == "online")
          let provider = try await setup.api.send(.get, query, as: setup.acme)
          #expect(Self.requests(provider).reduce(0, +) == 7 && provider.items.allSatisfy { $0["side"] == "provider" })
          let named = provider.items.filter { $0["subscriptionId"]?.text == setup.key }
          #expect(named.compactMap { $0["requests"]?.wholeNumber }.reduce(0, +) == 5)
          #expect(named.allSatisfy { $0["subscriptionName"] == .null && $0["groupName"] != .null })
        }
      }
    }
  }

  @Test func tellsFiguresThatAddUp() async throws {
    try await Self.run { setup in
      // Some are summed, and some came since.
      try await Catalogue.run("SELECT roll_up_usage()")
      try await Catalogue.run(Harness.recordUsage(of: setup.group, sequence: 8, for: setup.acme.tenant))
      let answer = try await setup.api.send(.get, "/usage?bucket=total", as: setup.acme)
      #expect(answer.items.count == 1)
      let item = answer.items.first
      #expect(item?["requests"]?.wholeNumber == 15 && item?["errors"]?.wholeNumber == 0)
      #expect(item?["statuses"]?["2xx"]?.wholeNumber == 15 && item?["statuses"]?["unanswered"]?.wholeNumber == 0)
      #expect(item?["bytesIn"]?.wholeNumber == 40 && item?["bytesOut"]?.wholeNumber == 80)
      #expect(item?["latency"]?["p50"] != nil && item?["subscriptionId"] == .null)
    }
  }

  @Test func narrowsAndGroups() async throws {
    try await Self.run { setup in
      try await Catalogue.run("SELECT roll_up_usage()")
      for (query, caller, provider) in [
        ("subscriptionId=\(setup.key)", 5, 5), ("groupId=\(setup.group)", 5, 7), ("environment=online", 5, 7),
        ("environment=test", 0, 0), ("outcome=refused", 0, 0), ("side=provider", 0, 7), ("side=caller", 5, 0),
        ("subscriptionId=\(setup.key)&groupId=\(setup.group)&environment=online&outcome=admitted", 5, 5),
        ("groupBy=secret", 5, 7), ("groupBy=api,key", 5, 7),
      ] {
        for (who, expected) in [(setup.globex, caller), (setup.acme, provider)] {
          let answer = try await setup.api.send(.get, "/usage?bucket=day&\(query)", as: who)
          #expect(Self.requests(answer).reduce(0, +) == expected, "\(query)")
        }
      }
    }
  }

  /// The newest first, page by page, none left out and none twice.
  @Test func pagesThroughTimes() async throws {
    try await Self.run { setup in
      for (place, days) in [1, 3, 200, 201, 202].enumerated() {
        let record = Harness.recordUsage(of: setup.group, sequence: 8 << place, for: setup.acme.tenant)
        let then = "extract(epoch FROM now() - interval '\(days) days')"
        try await Catalogue.run(record.replacing("extract(epoch FROM now())", with: then))
      }
      for isSummed in [false, true] {
        if isSummed { try await Catalogue.run("SELECT roll_up_usage()") }
        let from = RFC3339.string(Date(timeIntervalSinceNow: -365 * 86_400))
        for group in ["", "&groupBy=key", "&groupBy=group,key"] {
          var (requests, starts, cursor): ([Int], [String], String?) = ([], [], nil)
          repeat {
            let path = "/usage?bucket=day&from=\(from)&limit=2\(group)" + (cursor.map { "&cursor=\($0)" } ?? "")
            let page = try await setup.api.send(.get, path, as: setup.acme)
            try #require(page.status == 200)
            requests += Self.requests(page)
            starts += page.items.compactMap { $0["startsAt"]?.text }
            cursor = page["nextCursor"]?.text
          } while cursor != nil
          #expect(requests == (group.isEmpty ? [7] : [5, 2]) + [8, 16, 32, 64, 128], "\(group)")
          #expect(starts == starts.sorted(by: >))
        }
      }
    }
  }

  @Test func refusesWhatItDoesNotKnow() async throws {
    try await Self.run { setup in
      for (query, pointer) in [
        ("bucket=week", "?bucket"), ("groupBy=key,weather", "?groupBy"), ("groupBy=key,", "?groupBy"),
        ("from=yesterday", "?from"), ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?from"),
        ("bucket=minute&from=2026-01-01T00:00:00Z", "?from"), ("subscriptionId=x", "?subscriptionId"),
        ("side=both", "?side"), ("outcome=lost", "?outcome"), ("cursor=x", "?cursor"), ("weather=fine", "?weather"),
      ] {
        let answer = try await setup.api.send(.get, "/usage?\(query)", as: setup.acme)
        #expect(answer.status == 422 && answer.pointers == [pointer], "\(query): \(answer.text)")
      }
    }
  }
}
