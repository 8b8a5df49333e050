import Routing
import Testing

@testable import Node

/// What is on disk when, and what may be said of it.
struct KeptStateTests {
  private static func reading() -> SnapshotFeed.Reading {
    var builder = SnapshotBuilder()
    return SnapshotFeed.Reading(
      snapshot: builder.build(),
      position: FeedPosition(snapshot: "1:1:", history: "h", run: "r", horizon: "1"))
  }

  private static func settling(
    _ state: inout KeptState, at now: UnixTime = TestNode.now.wall
  ) throws -> (mark: SnapshotMark, number: Int) {
    let settling = state.settlingMark(at: now)
    return try #require(settling)
  }

  private static func draft(_ state: inout KeptState) throws -> KeptState.Draft {
    let draft = state.beginDraft(at: TestNode.now.wall)
    return try #require(draft)
  }

  private func note(
    _ reading: SnapshotFeed.Reading, as expected: Int, at now: Moment = TestNode.now, in state: inout KeptState
  ) {
    let number = state.note(reading, confirmedAt: now)
    #expect(number == expected)
  }

  private static func noted() -> KeptState {
    var state = KeptState()
    _ = state.note(reading(), confirmedAt: TestNode.now)
    return state
  }

  private static func settled() throws -> KeptState {
    var state = noted()
    let (mark, number) = try settling(&state)
    state.marked(mark, settling: number)
    return state
  }

  private static func kept() throws -> KeptState {
    var state = try settled()
    let draft = try draft(&state)
    let mark = try #require(state.mark(of: draft, checksum: 7))
    state.kept(draft, by: mark)
    state.endDraft()
    return state
  }

  @Test func aChangeIsSettledByAMark() throws {
    var state = try Self.kept()
    #expect(state.settled == 1)
    let none = state.settlingMark(at: TestNode.now.wall)
    #expect(none == nil)
    note(Self.reading(), as: 2, in: &state)
    #expect(state.settled == 1)
    let (mark, number) = try Self.settling(&state)
    #expect(number == 2)
    #expect(mark.checksum == nil)
    #expect(state.settled == 1, "it is not on disk yet")
    state.marked(mark, settling: number)
    #expect(state.settled == 2)
    #expect(state.isBehind)
  }

  @Test func furtherChangesNeedNoMarkUntilThereIsAFile() throws {
    var state = try Self.settled()
    note(Self.reading(), as: 2, in: &state)
    #expect(state.settled == 2)
    _ = state.beginDraft(at: TestNode.now.wall)
    note(Self.reading(), as: 3, in: &state)
    #expect(state.settled == 2, "the file that is being written knows nothing of it")
  }

  @Test func aFileThatAChangeOvertookIsOld() throws {
    var state = try Self.settled()
    let draft = try Self.draft(&state)
    _ = state.note(Self.reading(), confirmedAt: TestNode.now)
    let (mark, number) = try Self.settling(&state)
    #expect(mark.sequence > draft.sequence)
    state.marked(mark, settling: number)
    #expect(state.mark(of: draft, checksum: 7) == nil)
    state.endDraft()
    #expect(state.isBehind)
    let next = try Self.draft(&state)
    #expect(next.sequence > mark.sequence)
  }

  @Test func aFileThatMayStillComeSettlesNothingByBeingRemoved() throws {
    var state = try Self.settled()
    _ = state.beginDraft(at: TestNode.now.wall)
    _ = state.note(Self.reading(), confirmedAt: TestNode.now)
    state.removed(settling: 2)
    #expect(state.settled == 1)
    state.endDraft()
    state.removed(settling: 2)
    #expect(state.settled == 2)
  }

  @Test func sequenceNumbersGrowWhateverTheClockSays() throws {
    var state = KeptState()
    state.foundNothing(lastSequence: 1 << 60)
    _ = state.note(Self.reading(), confirmedAt: TestNode.now)
    let (mark, _) = try Self.settling(&state, at: UnixTime(microseconds: 5))
    #expect(mark.sequence > 1 << 60)
    #expect(Self.noted().settled == 0)
  }

  @Test func aMarkIsRenewedNowAndThen() throws {
    var state = try Self.kept()
    let same = try #require(state.latest).reading
    _ = state.note(same, confirmedAt: TestNode.now.later(by: .seconds(4)))
    #expect(state.renewedMark(after: .seconds(5)) == nil)
    let later = TestNode.now.later(by: .seconds(5))
    note(same, as: 1, at: later, in: &state)
    #expect(state.renewedMark(after: .seconds(5))?.confirmedAt == later)
    _ = state.note(Self.reading(), confirmedAt: later)
    #expect(state.renewedMark(after: .zero) == nil, "the file is old")
  }
}
