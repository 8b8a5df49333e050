import Model
import Testing

/// What many nodes let through of one limit, with a ledger between them that takes a while to answer.
struct SharedLimitTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func letsThroughNoMoreAndHardlyLessThanTheLimitInAnyWindow(seed: UInt64) {
    var world = World(nodes: 3, limit: 100, period: .second, seed: seed)
    world.run(for: .seconds(5), requestsPerSecond: 3_000)
    let whole = world.admitted.dropFirst().dropLast()
    #expect(whole.count >= 3)
    for (window, count) in whole { #expect((99...100).contains(count), "window \(window)") }
    #expect(world.longestWait <= .milliseconds(50))
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func oneNodeGetsWhatOthersHoldAndDoNotNeed(seed: UInt64) {
    var world = World(nodes: 3, limit: 100, period: .month, seed: seed)
    world.run(for: .seconds(1), requestsPerSecond: 30)
    world.weights = [1, 0, 0]
    world.run(for: .seconds(20), requestsPerSecond: 100)
    #expect(world.admitted.map(\.value).reduce(0, +) == 100)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func withoutTheLedgerNodesSpendWhatTheyHoldAndTheirOverdrafts(seed: UInt64) {
    var world = World(nodes: 3, limit: 1_000, period: .month, overdraft: 7, seed: seed)
    world.run(for: .seconds(1), requestsPerSecond: 100)
    let (before, leased) = (world.admitted.map(\.value).reduce(0, +), world.ledger.leased)
    world.reach(false)
    world.run(for: .seconds(10), requestsPerSecond: 1_000)
    let after = world.admitted.map(\.value).reduce(0, +)
    // What they had let through and not told is part of what they had been lent.
    #expect(after <= before + Int(leased) + 3 * 7)
    #expect(after >= before + 3 * 7)
    world.reach(true)
    world.run(for: .seconds(30), requestsPerSecond: 1_000)
    #expect((1_000...1_000 + 3 * 7).contains(world.admitted.map(\.value).reduce(0, +)))
  }
}
