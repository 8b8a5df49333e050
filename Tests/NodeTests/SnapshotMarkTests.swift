import Model
import Routing
import Testing

@testable import Node

struct SnapshotMarkTests {
  private static let mark = SnapshotMark(
    sequence: .max, checksum: 1,
    confirmedAt: Moment(wall: UnixTime(microseconds: -5), boot: BootTime(nanoseconds: 7), bootID: "e"),
    position: ["1:2:", "", "c", "d"])

  @Test(arguments: [1, nil] as [UInt64?], [[], ["1:2:", "", "c"]])
  func readsWhatWasWritten(checksum: UInt64?, position: [String]) {
    var mark = Self.mark
    (mark.checksum, mark.position) = (checksum, position)
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
