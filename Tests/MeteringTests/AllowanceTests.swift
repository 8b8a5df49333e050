import Metering
import Model
import Testing

/// What one node lets through, answer by answer.
struct AllowanceTests {
  private static let key = ID<SubscriptionKey>(bits: 9)
  private let allowances = Allowances()
  private let start = BootTime(nanoseconds: 5_000_000_000_000)
  /// When the ledger wants to know what was let through until then.
  private var later: BootTime { start + .seconds(6) }

  private static func policy(
    _ limits: [(Int, LimitPeriod)], mode: LimitPolicy.Mode = .enforce, overdraft: Int = 0
  ) -> PublishedLimits {
    PublishedLimits(
      id: ID(bits: 4), mode: mode,
      limits: limits.map { LimitPolicy.Limit(requests: $0.0, period: $0.1, overdraft: overdraft) })
  }

  private func call(own: PublishedLimits? = nil, shared: PublishedLimits? = nil) -> LimitedCall {
    LimitedCall(
      provider: ID(bits: 1), group: ID(bits: 2), environment: .online, shared: shared, key: Self.key, own: own)!
  }

  /// Has the ledger answer what is wanted: `held` of each, of a window that goes on for `rest`.
  private func answer(
    held: Int64, remaining: Int64 = 0, elsewhere: Int64 = 0, window: Int64 = 1, rest: Duration = .seconds(30),
    at now: BootTime? = nil
  ) {
    let now = now ?? start
    while let batch = allowances.nextBatch(ofAtMost: 10, at: now) {
      batch.answered(
        batch.requests.map { _ in
          .lent(
            LedgerAnswer.Loan(
              window: LentWindow(start: window, length: .seconds(60), remaining: rest, askedAt: now, answeredAt: now),
              held: held, remaining: remaining, elsewhere: elsewhere))
        }, at: now)
    }
  }

  private enum Result: Equatable { case admitted, waits, usedUp, unknowable }

  private func take(_ call: LimitedCall, mayWait: Bool = true, at now: BootTime? = nil) -> Result {
    switch allowances.take(call, mayWait: mayWait, at: now ?? start) {
    case .admitted: .admitted
    case .unknown: .waits
    case .refused(let refusal): refusal.reason == .usedUp ? .usedUp : .unknowable
    }
  }

  @Test func waitsForTheLedgerAndThenTakesWhatItHolds() {
    let call = call(own: Self.policy([(2, .minute)]))
    #expect(take(call) == .waits)
    answer(held: 2)
    #expect([take(call), take(call), take(call)] == [.admitted, .admitted, .waits])
  }

  @Test func refusesFromMemoryWhatIsUsedUp() {
    let call = call(own: Self.policy([(2, .minute)]))
    _ = take(call)
    answer(held: 1)
    _ = (take(call), take(call))
    answer(held: 0)
    #expect(take(call) == .usedUp)
    #expect(allowances.nextBatch(ofAtMost: 10, at: start) == nil)
  }

  @Test func takesNothingOfAWindowThatMayBeOver() {
    let call = call(own: Self.policy([(5, .minute)]))
    _ = take(call)
    answer(held: 5, rest: .seconds(10))
    #expect(take(call, at: start + .seconds(9)) == .admitted)
    #expect(take(call, at: start + .seconds(10)) == .waits)
  }

  @Test func countsAgainstAllLimitsOrNone() {
    let call = call(own: Self.policy([(5, .minute)]), shared: Self.policy([(1, .minute)]))
    _ = take(call)
    answer(held: 3)
    _ = take(call)
    answer(held: 1)
    #expect(take(call) == .admitted)
    _ = take(call)
    answer(held: 0)
    #expect([take(call), take(call), take(call)] == [.usedUp, .usedUp, .usedUp])
    allowances.settle(idleSince: .distantPast, at: later)
    let spent = allowances.nextBatch(ofAtMost: 10, at: later)?.requests.filter { $0.subject.key != nil }.map(\.spent)
    #expect(spent == [1])
  }

  @Test func givesFailedCallsBackToQuotasOnly() throws {
    let call = call(own: Self.policy([(9, .minute), (9, .day)]))
    _ = take(call)
    answer(held: 5)
    guard case .admitted(let admittance) = allowances.take(call, mayWait: true, at: start) else {
      Issue.record("not admitted")
      return
    }
    admittance.giveBack()
    allowances.settle(idleSince: .distantPast, at: later)
    let batch = try #require(allowances.nextBatch(ofAtMost: 10, at: later))
    // Of the day there is nothing to tell.
    #expect(batch.requests.map(\.spent) == [1])
    #expect(batch.requests.map(\.period) == [.minute])
  }

  @Test func givesNothingBackToALaterWindow() throws {
    let call = call(own: Self.policy([(9, .day)]))
    _ = take(call)
    answer(held: 5, window: 1)
    guard case .admitted(let admittance) = allowances.take(call, mayWait: true, at: start) else {
      Issue.record("not admitted")
      return
    }
    _ = take(call, at: start + .seconds(40))
    answer(held: 5, window: 2, at: start + .seconds(40))
    admittance.giveBack()
    _ = take(call, at: start + .seconds(40))
    let later = start + .seconds(46)
    allowances.settle(idleSince: .distantPast, at: later)
    #expect(try #require(allowances.nextBatch(ofAtMost: 10, at: later)).requests.map(\.spent) == [1])
  }

  @Test func keepsWhatWasCountedWhenALimitChanges() throws {
    _ = take(call(own: Self.policy([(9, .minute)])))
    answer(held: 5)
    _ = take(call(own: Self.policy([(9, .minute)])))
    let changed = call(own: Self.policy([(2, .minute), (7, .hour)]))
    #expect(take(changed) == .waits, "what is held was lent under another limit")
    let requests = try #require(allowances.nextBatch(ofAtMost: 10, at: start)).requests
    #expect(requests.map(\.spent) == [1, 0])
    #expect(requests.map(\.returned) == [4, 0])
  }

  @Test func onlyObservesWhereToldSo() {
    let call = call(own: Self.policy([(1, .minute)], mode: .observe))
    #expect(take(call) == .admitted)
    answer(held: 0)
    guard case .admitted(let admittance) = allowances.take(call, mayWait: true, at: start) else {
      Issue.record("not admitted")
      return
    }
    #expect(admittance.isBeyond)
  }

  /// Only observed, more may be given back than was ever held.
  @Test func holdsNothingOfWhatWasOnlyObserved() {
    let observed = call(own: Self.policy([(1, .day)], mode: .observe))
    _ = take(observed)
    answer(held: 0)
    guard case .admitted(let admittance) = allowances.take(observed, mayWait: true, at: start) else {
      Issue.record("not admitted")
      return
    }
    admittance.giveBack()
    #expect(take(call(own: Self.policy([(1, .day)]))) == .waits)
  }

  @Test func givesBackToTheSamePeriodsWhenOthersComeMeanwhile() throws {
    let before = call(own: Self.policy([(9, .minute), (9, .day)]))
    _ = take(before)
    answer(held: 5)
    guard case .admitted(let admittance) = allowances.take(before, mayWait: true, at: start) else {
      Issue.record("not admitted")
      return
    }
    _ = take(call(own: Self.policy([(9, .day), (9, .month)])))
    admittance.giveBack()
    allowances.settle(idleSince: .distantPast, at: later)
    let batch = try #require(allowances.nextBatch(ofAtMost: 10, at: later))
    // Of the day there is nothing to tell, and nothing of the minute that is left.
    #expect(batch.requests.map(\.period) == [.month])
    #expect(batch.requests.map(\.spent) == [0])
  }

  @Test func tellsWhatItLetThroughBeforeAnyWindowWasKnown() throws {
    let call = call(own: Self.policy([(5, .minute)], overdraft: 2))
    _ = take(call)
    try #require(allowances.nextBatch(ofAtMost: 10, at: start)).failed()
    #expect([take(call), take(call)] == [.admitted, .admitted])
    answer(held: 5)
    allowances.settle(idleSince: .distantPast, at: later)
    #expect(try #require(allowances.nextBatch(ofAtMost: 10, at: later)).requests.map(\.spent) == [2])
  }

  @Test func refusesWithoutTheLedgerWhatItHoldsNothingOf() throws {
    let call = call(own: Self.policy([(5, .minute)]))
    #expect(take(call) == .waits)
    try #require(allowances.nextBatch(ofAtMost: 10, at: start)).failed()
    #expect(take(call) == .unknowable)
    #expect(take(call, mayWait: false) == .unknowable)
  }

  @Test func overdrawsWithoutTheLedgerAsFarAsThePolicySays() throws {
    let call = call(own: Self.policy([(5, .minute)], overdraft: 2))
    #expect(take(call) == .waits)
    answer(held: 1)
    #expect(take(call) == .admitted)
    _ = take(call)
    try #require(allowances.nextBatch(ofAtMost: 10, at: start)).failed()
    #expect([take(call), take(call), take(call)] == [.admitted, .admitted, .unknowable])
  }

  @Test func refusesWhatAPolicyThatCannotBeReadAllows() {
    #expect(take(call(own: Self.policy([]))) == .waits)
    #expect(take(call(own: Self.policy([])), mayWait: false) == .unknowable)
  }

  @Test func returnsAllThatItHoldsWhenItLeavesOrOthersWantIt() throws {
    let call = call(own: Self.policy([(9, .minute)]))
    _ = take(call)
    answer(held: 5)
    allowances.recall(call.target)
    #expect(allowances.nextBatch(ofAtMost: 10, at: start) == nil, "nobody knows of the target as a whole")
    let leaving = try #require(allowances.leave(at: start))
    #expect(leaving.requests.map(\.returned) == [5])
    #expect(leaving.requests.map(\.ahead) == [0])
  }

  /// What costs the ledger as much as all the rest is left out.
  @Test func asksForThoseLimitsAloneThatHaveSomethingToSay() throws {
    let call = call(own: Self.policy([(9, .second), (90, .minute), (900, .day)]))
    _ = take(call)
    try #require(allowances.nextBatch(ofAtMost: 10, at: start)).answered(
      [(1, Duration.seconds(1)), (60, .seconds(60)), (900, .seconds(86_400))].map { held, length in
        .lent(
          LedgerAnswer.Loan(
            window: LentWindow(start: 1, length: length, remaining: length, askedAt: start, answeredAt: start),
            held: Int64(held), remaining: 0, elsewhere: 0))
      }, at: start)
    #expect(take(call) == .admitted)
    // The second is over, and nothing else.
    let next = start + .seconds(1)
    #expect(take(call, at: next) == .waits)
    let batch = try #require(allowances.nextBatch(ofAtMost: 10, at: next))
    #expect(batch.requests.map(\.period) == [.second])
    batch.failed()
    allowances.settle(idleSince: .distantPast, at: start + .seconds(3))
    let minute = try #require(allowances.nextBatch(ofAtMost: 10, at: start + .seconds(3)))
    #expect(minute.requests.filter { $0.period != .second }.map(\.period) == [.minute])
    allowances.settle(idleSince: .distantPast, at: later)
    let day = try #require(allowances.nextBatch(ofAtMost: 10, at: later))
    #expect(day.requests.filter { $0.period != .second }.map(\.period) == [.day])
  }

  /// Calls wait for some milliseconds; telling can wait.
  @Test func asksFirstForWhatCallsWaitFor() throws {
    let told = call(own: Self.policy([(9, .minute)]))
    _ = take(told)
    answer(held: 5)
    #expect(take(told) == .admitted)
    allowances.settle(idleSince: .distantPast, at: later)
    let waiting = call(shared: Self.policy([(9, .minute)]))
    guard case .unknown(let wait) = allowances.take(waiting, mayWait: true, at: later) else {
      Issue.record("did not wait")
      return
    }
    allowances.wait(wait) {}
    let first = try #require(allowances.nextBatch(ofAtMost: 1, at: later))
    #expect(first.requests.map(\.subject) == [waiting.target])
    let second = try #require(allowances.nextBatch(ofAtMost: 1, at: later))
    #expect(second.requests.map(\.spent) == [1])
  }
}
