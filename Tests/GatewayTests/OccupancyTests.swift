import Testing

@testable import Gateway

/// How many of something each party holds, over all event loops.
@Suite struct OccupancyTests {
  @Test func isFullAtTheLimitAndNoSooner() {
    let occupancy = Occupancy(loops: 1)
    let bound = Occupancy.Bound(3, loops: 1)
    for held in 0..<3 {
      #expect(occupancy.count(of: 7) == held)
      #expect(!occupancy.isFull(7, bound, on: 0))
      occupancy.add(7, on: 0)
    }
    #expect(occupancy.isFull(7, bound, on: 0))
    #expect(!occupancy.isFull(8, bound, on: 0))
    occupancy.remove(7, on: 0)
    #expect(!occupancy.isFull(7, bound, on: 0))
    #expect(occupancy.count(of: 7) == 2)
  }

  /// On one loop alone a party has all but what the others may take without asking.
  @Test func leavesEachLoopItsFreePart() {
    let occupancy = Occupancy(loops: 4)
    let bound = Occupancy.Bound(80, loops: 4)
    #expect(bound.free == 10)
    var taken = 0
    while !occupancy.isFull(1, bound, on: 0) {
      occupancy.add(1, on: 0)
      taken += 1
    }
    #expect(taken == 50)
    for loop in 1..<4 {
      while !occupancy.isFull(1, bound, on: loop) {
        occupancy.add(1, on: loop)
        taken += 1
      }
    }
    #expect(taken == 80)
  }

  /// Whatever comes and goes, nobody has more than the limit, and who is dealt out evenly over the loops has all of it.
  @Test(arguments: [1, 2, 3, 8], [1, 2, 5, 64]) func keepsTheLimit(loops: Int, limit: Int) {
    let occupancy = Occupancy(loops: loops)
    let bound = Occupancy.Bound(limit, loops: loops)
    var held: [(key: UInt64, loop: Int)] = []
    var most = 0
    for _ in 0..<5_000 {
      if held.isEmpty || Bool.random() {
        let (key, loop) = (UInt64.random(in: 1...3), Int.random(in: 0..<loops))
        guard !occupancy.isFull(key, bound, on: loop) else { continue }
        occupancy.add(key, on: loop)
        held.append((key, loop))
        most = max(most, held.count { $0.key == key })
      } else {
        let gone = held.remove(at: .random(in: held.indices))
        occupancy.remove(gone.key, on: gone.loop)
      }
    }
    #expect(most <= limit)
    for one in held { occupancy.remove(one.key, on: one.loop) }
    #expect((1...3).allSatisfy { occupancy.count(of: $0) == 0 })
    var taken = 0
    while !occupancy.isFull(9, bound, on: taken % loops) {
      occupancy.add(9, on: taken % loops)
      taken += 1
    }
    #expect(taken == limit)
  }

  /// Who holds much is not in the way of those who hold little, of whom some share one of its places.
  @Test func doesNotTakeOneForAnother() {
    let occupancy = Occupancy(loops: 1)
    let bound = Occupancy.Bound(100, loops: 1)
    for _ in 0..<100 { occupancy.add(0, on: 0) }
    let refused = (1...20_000).count { occupancy.isFull($0, bound, on: 0) }
    #expect(refused == 0)
    #expect(occupancy.isFull(0, bound, on: 0))
  }
}
