import Model
import Routing
import Testing

@testable import Node

/// When a node may count on its lease, and that the database never believes less.
struct LeaseTests {
  private static func at(_ seconds: Double) -> BootTime { BootTime(nanoseconds: Int64(seconds * 1e9)) }

  private static func granted(_ times: [(asked: Double, answered: Double)]) -> Lease {
    var lease = Lease(duration: .seconds(8))
    for (asked, answered) in times { lease.granted(askedAt: at(asked), answeredAt: at(answered)) }
    return lease
  }

  @Test func isCountedFromBeforeItWasAskedFor() {
    var lease = Self.granted([(asked: 1, answered: 4)])
    #expect(lease.decidesUntil == nil, "nothing was read within it yet")
    lease.cameIntoForce(readFrom: Self.at(5))
    #expect(lease.decidesUntil == Self.at(9))
  }

  @Test func isExtendedByAnAnswerThatComesWithinIt() {
    var lease = Self.granted([(asked: 1, answered: 2)])
    lease.cameIntoForce(readFrom: Self.at(2))
    lease.granted(askedAt: Self.at(8), answeredAt: Self.at(8.9))
    #expect(lease.decidesUntil == Self.at(16), "what is in force stays good")
  }

  @Test(arguments: [9.0, 9.1, 100])
  func isWorthNothingAfterALapseUntilSomethingWasReadAgain(answered: Double) {
    var lease = Self.granted([(asked: 1, answered: 2)])
    lease.cameIntoForce(readFrom: Self.at(3))
    lease.granted(askedAt: Self.at(8.5), answeredAt: Self.at(answered))
    #expect(lease.decidesUntil == nil)
    lease.cameIntoForce(readFrom: Self.at(answered - 0.001))
    #expect(lease.decidesUntil == nil, "it was begun before the answer came")
    lease.cameIntoForce(readFrom: Self.at(answered))
    #expect(lease.decidesUntil == Self.at(16.5))
  }

  @Test func isNotShortenedByAnAnswerToAnEarlierAsking() {
    var lease = Self.granted([(asked: 3, answered: 4), (asked: 1, answered: 5)])
    lease.cameIntoForce(readFrom: Self.at(5))
    #expect(lease.decidesUntil == Self.at(11))
  }

  @Test func aNodeThatServesOnIsCountedFromItsFirstReadingOn() {
    var lease = Lease(duration: .seconds(8), grace: .seconds(100))
    lease.granted(askedAt: Self.at(1), answeredAt: Self.at(2))
    #expect(lease.servesUntil == nil, "nobody was told of it when what it may have read before was changed")
    lease.cameIntoForce(readFrom: Self.at(1.5))
    #expect(lease.servesUntil == nil)
    lease.cameIntoForce(readFrom: Self.at(2))
    #expect(lease.servesUntil == Self.at(109))
    lease.granted(askedAt: Self.at(50), answeredAt: Self.at(51))
    #expect(lease.servesUntil == Self.at(158), "receipts have named it all the time")
    lease.granted(askedAt: Self.at(157), answeredAt: Self.at(158))
    #expect(lease.servesUntil == Self.at(158), "they may have stopped to")
    lease.cameIntoForce(readFrom: Self.at(158))
    #expect(lease.servesUntil == Self.at(265))
  }

  @Test func aNodeThatTakesAnothersPlaceIsCountedFromTheStart() {
    var lease = Lease(duration: .seconds(8), grace: .seconds(100), servesUntil: Self.at(30))
    #expect(lease.servesUntil == Self.at(30))
    lease.granted(askedAt: Self.at(20), answeredAt: Self.at(29))
    #expect(lease.servesUntil == Self.at(128))
  }

  /// A node, its row in the database and somebody who changes things, with every delay and loss there can be: after a
  /// change was reported to be in force, no call that arrives is decided without it.
  @Test(arguments: 0..<300, [0.0, 6]) func noCallIsDecidedWithoutAChangeThatWasReported(seed: UInt64, grace: Double) {
    var world = LeaseWorld(seed: seed, grace: grace)
    for _ in 0..<2_000 { world.step() }
    #expect(world.violations == [])
    #expect(world.reports > 0 && world.decisions > 0, "the history is worth something")
  }
}

/// A simulated node with one event loop. Messages between it and the database take any time, in whatever order they
/// were sent, and may be lost; its clock runs a little slower or faster than the database's, and it stands still at times.
private struct LeaseWorld {
  /// What the database knows of the node.
  private struct Row {
    var expiry = 0.0
    var version = -1
  }

  private enum Event {
    case renewalArrives(asked: BootTime, confirming: Int)
    case answerArrives(asked: BootTime)
    case readingArrives(begun: BootTime)
    case snapshotArrives(version: Int, begun: BootTime)
    case loopSwaps(version: Int, begun: BootTime)
  }

  private var random: SeededGenerator
  private var time = 100.0
  private let drift: Double
  private var queue: [(time: Double, event: Event)] = []
  /// Until when nothing of the node runs.
  private var stoppedUntil = 0.0

  private var committed = 0
  private var row = Row()
  private var reported = 0
  /// Changes whose enforcement is waited for.
  private var awaited: [Int] = []

  private var lease: Lease
  /// How long after its lease the node goes on, which the database knows.
  private let grace: Double
  private var decidesUntil = BootTime(nanoseconds: .min)
  private var published = 0
  private var inForce = 0

  private(set) var violations: [String] = []
  private(set) var reports = 0
  private(set) var decisions = 0

  init(seed: UInt64, grace: Double) {
    self.grace = grace
    lease = Lease(duration: .seconds(8), grace: .seconds(grace))
    random = SeededGenerator(seed: seed)
    // Far more than a clock's drift, and still less than the margin of 1 s in 9.
    drift = Double.random(in: 0.95...1.05, using: &random)
  }

  private var bootTime: BootTime { BootTime(nanoseconds: Int64(time * drift * 1e9)) }

  mutating func step() {
    time += Double.random(in: 0...0.4, using: &random)
    deliver()
    if time >= stoppedUntil { nodeActs() }
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      committed += 1
      awaited.append(committed)
    case 1...3: report()
    default: if time >= stoppedUntil { call() }
    }
  }

  private mutating func nodeActs() {
    switch Int.random(in: 0..<60, using: &random) {
    case 0: stoppedUntil = time + Double.random(in: 0...20, using: &random)
    case 1..<20: send(.renewalArrives(asked: bootTime, confirming: inForce))
    case 20..<50: send(.readingArrives(begun: bootTime))
    default: break
    }
  }

  private mutating func send(_ event: Event) {
    let delays = [0.01, 0.01, 0.3, 3, 15]
    let delay = Double.random(in: 0...delays[Int.random(in: 0..<delays.count, using: &random)], using: &random)
    if Int.random(in: 0..<20, using: &random) > 0 { queue.append((time + delay, event)) }
  }

  private mutating func deliver() {
    queue.sort { $0.time < $1.time }
    while let next = queue.first, next.time <= time {
      queue.removeFirst()
      switch next.event {
      case .renewalArrives, .readingArrives: handle(next.event)
      case .answerArrives, .snapshotArrives, .loopSwaps:
        if time >= stoppedUntil { handle(next.event) } else { queue.append((stoppedUntil, next.event)) }
      }
      queue.sort { $0.time < $1.time }
    }
  }

  private mutating func handle(_ event: Event) {
    switch event {
    case .renewalArrives(let asked, let version):
      row = Row(expiry: max(row.expiry, time + 9), version: max(row.version, version))
      send(.answerArrives(asked: asked))
    case .answerArrives(let asked):
      lease.granted(askedAt: asked, answeredAt: bootTime)
      extend()
    case .readingArrives(let begun):
      send(.snapshotArrives(version: committed, begun: begun))
    case .snapshotArrives(let version, let begun):
      guard version >= published else { return }
      published = version
      send(.loopSwaps(version: version, begun: begun))
    case .loopSwaps(let version, let begun):
      guard version >= inForce else { return }
      inForce = version
      lease.cameIntoForce(readFrom: begun)
      extend()
    }
  }

  private mutating func extend() {
    if let end = grace == 0 ? lease.decidesUntil : lease.servesUntil { decidesUntil = end }
  }

  /// What a receipt says of this one node, which refuses without a lease, or so much later.
  private mutating func report() {
    for version in awaited where row.version >= version || row.expiry + grace <= time {
      reported = max(reported, version)
      reports += 1
    }
    awaited.removeAll { $0 <= reported }
  }

  private mutating func call() {
    guard bootTime < decidesUntil else { return }
    decisions += 1
    if inForce < reported { violations.append("at \(time): decided by \(inForce), \(reported) was reported") }
  }
}

/// SplitMix64, for histories that can be had again.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
