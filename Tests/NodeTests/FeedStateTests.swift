import Testing

@testable import Node

/// What reading on takes, by what the database says of a position.
struct FeedStateTests {
  private static let former = FeedPosition(snapshot: "10:10:", origin: "a/1", horizon: "5")

  private func continuation(
    origin: String = "a/1", horizon: String = "5", isPastHorizon: Bool = false, isBehind: Bool = false
  ) -> FeedState.Continuation {
    let state = FeedState(
      position: FeedPosition(snapshot: "20:20:", origin: origin, horizon: horizon), isPastHorizon: isPastHorizon,
      isBehind: isBehind)
    return state.continuation(from: Self.former)
  }

  @Test func readsChanges() {
    #expect(continuation() == .changes)
  }

  @Test(arguments: ["b/1", "a/2", ""])
  func reloadsWhenTheHistoryIsAnother(origin: String) {
    #expect(continuation(origin: origin) == .reload(.otherHistory))
    #expect(continuation(origin: origin, isBehind: true) == .reload(.otherHistory))
  }

  @Test func waitsForAServerThatIsBehind() {
    #expect(continuation(isBehind: true) == .wait)
    #expect(continuation(horizon: "6", isPastHorizon: true, isBehind: true) == .wait)
  }

  @Test func reloadsWhenWhatItHadNotSeenMayBePruned() {
    #expect(continuation(horizon: "6", isPastHorizon: true) == .reload(.pruned))
  }

  @Test func readsOnWhenOnlyWhatItHadSeenWasPruned() {
    #expect(continuation(horizon: "6", isPastHorizon: false) == .changes)
  }

  @Test func doesNotReloadTwiceForOnePruning() {
    #expect(continuation(horizon: "5", isPastHorizon: true) == .changes)
  }
}
