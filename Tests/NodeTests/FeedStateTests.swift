import Testing

@testable import Node

/// What reading on takes, by what the database says of a position.
struct FeedStateTests {
  private static let former = FeedPosition(snapshot: "10:10:", history: "a/1", run: "1", horizon: "5")

  private func continuation(_ change: (inout FeedState) -> Void = { _ in }) -> FeedState.Continuation {
    var state = FeedState(position: Self.former, isPastHorizon: false, isBehind: false, isStandby: false)
    state.position.snapshot = "20:20:"
    change(&state)
    return state.continuation(from: Self.former)
  }

  @Test func readsChanges() {
    #expect(continuation() == .changes)
  }

  @Test(arguments: ["b/1", "a/2", ""], [true, false])
  func reloadsWhenTheHistoryIsAnother(history: String, isStandby: Bool) {
    let continuation = continuation {
      ($0.position.history, $0.position.run) = (history, "2")
      ($0.isBehind, $0.isStandby) = (true, isStandby)
    }
    #expect(continuation == .reload(.otherHistory))
  }

  @Test func waitsForAStandbyThatIsBehind() {
    let continuation = continuation {
      ($0.position.run, $0.position.horizon) = ("2", "6")
      ($0.isPastHorizon, $0.isBehind, $0.isStandby) = (true, true, true)
    }
    #expect(continuation == .wait)
  }

  @Test func reloadsWhenAServerHasLostWhatWasSeen() {
    #expect(continuation { $0.isBehind = true } == .reload(.otherHistory))
  }

  @Test func reloadsAfterARestart() {
    #expect(continuation { $0.position.run = "2" } == .reload(.restarted))
  }

  @Test func reloadsWhenWhatItHadNotSeenMayBePruned() {
    #expect(continuation { ($0.position.horizon, $0.isPastHorizon) = ("6", true) } == .reload(.pruned))
  }

  @Test func readsOnWhenOnlyWhatItHadSeenWasPruned() {
    #expect(continuation { $0.position.horizon = "6" } == .changes)
  }

  @Test func doesNotReloadTwiceForOnePruning() {
    #expect(continuation { $0.isPastHorizon = true } == .changes)
  }
}
