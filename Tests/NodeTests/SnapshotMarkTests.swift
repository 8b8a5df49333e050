import Model
import Routing
import Testing

@testable import Node

struct SnapshotMarkTests {
  private static let mark = SnapshotMark(
    sequence: .max, checksum: 1,
    confirmedAt: Moment(wall: UnixTime(microseconds: -5), boot: BootTime(nanoseconds: 7), bootID: "e"),
    counted: CountedNode(
      id: .random(), since: Moment(wall: UnixTime(microseconds: 1), boot: BootTime(nanoseconds: 2), bootID: ""),
      duration: .seconds(3)),
    position: ["1:2:", "", "c", "d"])

  @Test(arguments: [1, nil] as [UInt64?], [[], ["1:2:", "", "c"]])
  func readsWhatWasWritten(checksum: UInt64?, position: [String]) {
    #expect(SnapshotMark(bytes: Self.mark.bytes) == Self.mark)
    var mark = Self.mark
    (mark.checksum, mark.position, mark.counted) = (checksum, position, nil)
    #expect(SnapshotMark(bytes: mark.bytes) == mark)
  }

  @Test func refusesEveryOtherText() {
    let bytes = Self.mark.bytes
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(SnapshotMark(bytes: damaged) == nil)
      #expect(SnapshotMark(bytes: Array(bytes[..<place])) == nil)
    }
    #expect(SnapshotMark(bytes: bytes + [0x0A]) == nil)
  }
}
