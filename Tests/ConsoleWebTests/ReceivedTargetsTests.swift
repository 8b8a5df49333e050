import Testing

@testable import ConsoleWeb

/// Where a page of targets ends within authorizations of many.
struct ReceivedTargetsTests {
  @Test(arguments: [
    ([], 0, nil), ([40], 0, nil), ([41], 0, [0, 40]), ([100], 40, [0, 80]), ([100], 80, nil), ([30, 30], 0, [1, 10]),
    ([40, 1], 0, [1, 0]), ([10, 100], 0, [1, 30]), ([100, 30], 90, nil), ([100, 31], 90, [1, 30]),
  ])
  func goesOnWhereItEnded(counts: [Int], skipping: Int, end: [Int]?) {
    let found = ReceivedTargets.end(counts, skipping: skipping)
    #expect(found.map { [$0.whole, $0.skipping] } == end)
  }

  @Test(arguments: [[3, 100, 1, 1, 77, 40, 40], [100, 100], Array(repeating: 1, count: 90)])
  func showsEachTargetOnce(counts: [Int]) throws {
    var (left, skipping, shown) = (counts[...], 0, 0)
    for _ in 0..<20 {
      // As many authorizations as a page asks for.
      let asked = Array(left.prefix(ReceivedTargets.length))
      shown += min(asked.reduce(0, +) - skipping, ReceivedTargets.length)
      if let end = ReceivedTargets.end(asked, skipping: skipping) {
        (left, skipping) = (left.dropFirst(end.whole), end.skipping)
      } else {
        (left, skipping) = (left.dropFirst(asked.count), 0)
      }
      if left.isEmpty { break }
    }
    #expect(shown == counts.reduce(0, +) && left.isEmpty)
  }
}
