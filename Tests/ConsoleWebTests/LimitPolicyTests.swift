import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// How limits are typed, and what is said of them.
struct LimitPolicyTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  private func typed(_ fields: [String: String]) -> TypedForm {
    TypedForm(fields.merging(["name": "P", "mode": "enforce"]) { own, _ in own })
  }

  @Test func limitsAreThoseOfPeriodsWithANumber() throws {
    let typed = typed([
      "limits/month/requests": "1,000 000", "limits/second/requests": "5", "limits/second/overdraft": "2",
      "limits/day/requests": "",
    ])
    let draft = try LimitPolicyForm.creation.value(of: typed, now: Self.now)
    #expect(
      draft.limits == [
        LimitPolicy.Limit(requests: 5, period: .second, overdraft: 2),
        LimitPolicy.Limit(requests: 1_000_000, period: .month),
      ])
  }

  /// The request's limits are counted, the form's have names.
  @Test(arguments: [
    (["limits/minute/requests": "many", "limits/day/requests": "5"], "limits/minute/requests"),
    (["limits/second/requests": "1", "limits/day/requests": "0"], "limits/day/requests"),
    (["limits/hour/requests": "1", "limits/hour/overdraft": "-1"], "limits/hour/overdraft"),
    (["limits/hour/overdraft": "7"], "limits/hour/requests"),
    (["limits/month/requests": "99999999999999999999"], "limits/month/requests"),
    ([:], "limits/second/requests"),
  ])
  func complaintsStandBesideTheirFields(_ fields: [String: String], _ name: String) throws {
    let typed = typed(fields)
    let error = #expect(throws: InvalidInput.self) {
      try LimitPolicyForm.creation.value(of: typed, now: Self.now)
    }
    for language in Language.allCases {
      let words = Words.of(language)
      let form = LimitPolicyForm.creation.page(typed, complaints: error?.complaints ?? [], words: words)
      let rows = LimitPolicyForm.page(form, words)["rows"] as? [[String: any Sendable]] ?? []
      let cells = rows.flatMap { $0["cells"] as? [[String: any Sendable]] ?? [] }
      #expect(cells.count == 10)
      #expect(cells.filter { $0["complaint"] != nil }.map { $0["name"] as? String } == [name])
      #expect((form["complaints"] as? [String])?.isEmpty == true)
    }
  }

  @Test func aPolicyIsTypedAsItIs() throws {
    let policy = LimitPolicy(
      id: .random(), name: DisplayName("P")!, description: Remark("About"), mode: .observe,
      limits: [LimitPolicy.Limit(requests: 7, period: .hour, overdraft: 3)], createdAt: Self.now, updatedAt: Self.now)
    let changes = try LimitPolicyForm.change.value(of: LimitPolicyForm.typed(policy), now: Self.now)
    #expect(changes.limits == policy.limits && changes.mode == .observe)
    #expect(changes.name == policy.name && changes.description.value == policy.description)
  }

  private func terms(_ mode: LimitPolicy.Mode, _ limits: [LimitPeriod: Int]) -> LimitPolicy.Terms {
    LimitPolicy.Terms(
      mode: mode,
      limits: LimitPeriod.allCases.compactMap { period in
        limits[period].map { LimitPolicy.Limit(requests: $0, period: period) }
      })
  }

  @Test(arguments: [
    (LimitPeriod.minute, "2026-11-27T12:01:00Z", "1,037 of 2,000 left this minute, refills 12:01 UTC"),
    (.second, "2026-11-27T12:00:31Z", "1,037 of 2,000 left this second, refills every second"),
    (.hour, "2026-11-27T13:00:00Z", "1,037 of 2,000 left this hour, refills 13:00 UTC"),
    (.day, "2026-11-28T00:00:00Z", "1,037 of 2,000 left today, refills 2026-11-28 00:00 UTC"),
    (.month, "2026-12-01T00:00:00Z", "1,037 of 2,000 left this month, refills 2026-12-01 00:00 UTC"),
  ])
  func whatIsLeftIsSaidWithWhenItRefills(period: LimitPeriod, end: String, said: String) throws {
    let end = try #require(RFC3339.date(end))
    func limit(_ scope: RemainingLimit.Scope, _ mode: LimitPolicy.Mode) -> RemainingLimit {
      RemainingLimit(scope: scope, requests: 2_000, period: period, mode: mode, remaining: 1_037, resetsAt: end)
    }
    let words = Words.of(.english)
    #expect(words.left(limit(.key, .enforce)) == said)
    #expect(words.left(limit(.key, .observe)) == said + " (only counted)")
    #expect(words.left(limit(.shared, .enforce)) == "All callers together: " + said)
    #expect(Words.of(.simplifiedChinese).left(limit(.key, .enforce)).contains("1,037/2,000"))
  }

  @Test func onlyWhatIsTighterIsTold() {
    let words = Words.of(.english)
    let (before, wider) = (terms(.enforce, [.minute: 10]), terms(.enforce, [.minute: 11]))
    #expect(words.tightening(before, to: before).isEmpty)
    #expect(words.tightening(before, to: wider).isEmpty)
    #expect(words.tightening(before, to: nil).isEmpty)
    #expect(words.tightening(before, to: terms(.observe, [.minute: 1])).isEmpty)
    #expect(words.tightening(wider, to: before).count == 1)
    #expect(words.tightening(nil, to: before).count == 1)
    #expect(words.tightening(terms(.observe, [.minute: 1]), to: before).count == 1)
    #expect(words.tightening(before, to: terms(.enforce, [.minute: 5, .day: 100])).count == 2)
  }
}
