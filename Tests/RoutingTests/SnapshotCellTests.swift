import Model
import Routing
import Synchronization
import Testing

struct SnapshotCellTests {
  @Test func aReaderSeesWhatIsPublished() {
    let cell = SnapshotCell()
    let reader = cell.makeReader {}
    #expect(reader.snapshot === Snapshot.empty)
    let snapshot = World().snapshot
    cell.publish(snapshot)
    #expect(reader.snapshot === snapshot)
    #expect(cell.snapshot === snapshot)
    #expect(cell.makeReader {}.snapshot === snapshot)
  }

  @Test func publishingWakesEveryReader() {
    let cell = SnapshotCell()
    let wakes = Mutex(0)
    let readers = (0..<3).map { _ in cell.makeReader { wakes.withLock { $0 += 1 } } }
    cell.publish(World().snapshot)
    #expect(wakes.withLock { $0 } == 3)
    withExtendedLifetime(readers) {}
  }

  @Test func tellsHowLongEachReaderTookToSwap() {
    let swaps = Mutex<[Duration]>([])
    let cell = SnapshotCell { duration in swaps.withLock { $0.append(duration) } }
    let readers = (0..<2).map { _ in cell.makeReader {} }
    cell.publish(World().snapshot)
    _ = readers[0].snapshot
    for reader in readers { reader.refresh() }
    let told = swaps.withLock { $0 }
    #expect(told.count == 2, "nothing is told of a look that finds nothing new")
    #expect(told.allSatisfy { $0 >= .zero && $0 < .seconds(10) })
  }

  @Test func isInForceOnceEveryReaderHasSwapped() async {
    let cell = SnapshotCell()
    let first = cell.makeReader {}
    let second = cell.makeReader {}
    let generation = cell.publish(World().snapshot)
    let isOver = Mutex(false)
    async let waiting: Void = {
      await cell.waitUntilInForce(generation)
      isOver.withLock { $0 = true }
    }()
    first.refresh()
    #expect(isOver.withLock { $0 } == false)
    second.refresh()
    await waiting
    #expect(isOver.withLock { $0 })
  }

  @Test func isInForceAtOnceWithoutReaders() async {
    let cell = SnapshotCell()
    do { _ = cell.makeReader {} }
    await cell.waitUntilInForce(cell.publish(World().snapshot))
  }

  @Test func aReaderThatGoesAwayIsNotWaitedFor() async {
    let cell = SnapshotCell()
    var reader: SnapshotReader? = cell.makeReader {}
    let generation = cell.publish(World().snapshot)
    async let waiting: Void = cell.waitUntilInForce(generation)
    #expect(reader != nil)
    reader = nil
    await waiting
  }

  @Test func aCancelledWaitEnds() async {
    let cell = SnapshotCell()
    let reader = cell.makeReader {}
    let generation = cell.publish(World().snapshot)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await cell.waitUntilInForce(generation) }
      group.cancelAll()
    }
    withExtendedLifetime(reader) {}
  }

  @Test func keepsAReplacedSnapshotWhileAReaderHasIt() {
    let cell = SnapshotCell()
    let reader = cell.makeReader {}
    weak var replaced: Snapshot?
    do {
      let snapshot = World().snapshot
      replaced = snapshot
      cell.publish(snapshot)
      reader.refresh()
    }
    cell.publish(.empty)
    cell.releaseRetired()
    #expect(replaced != nil)
    reader.refresh()
    #expect(replaced != nil, "a loop is never the one to free it")
    cell.releaseRetired()
    #expect(replaced == nil)
  }

  @Test(arguments: [(-1, true), (0, true), (1, false)])
  func servesUntilTheMaximumAge(offset: Int, isServable: Bool) {
    // A snapshot from disk may be older than the machine is up.
    let start = BootTime(nanoseconds: -5_000_000_000)
    let later = start + .seconds(60) + .milliseconds(offset)
    let cell = SnapshotCell(maximumAge: .seconds(60), lease: ServingLease { later })
    #expect(!cell.freshness.isServable(at: start))
    #expect(cell.freshness.age(at: start) == nil)
    #expect(!cell.allowsDecisions)
    cell.freshness.confirm(at: start)
    #expect(cell.freshness.isServable(at: later) == isServable)
    #expect(cell.freshness.age(at: later) == .seconds(60) + .milliseconds(offset))
    #expect(cell.allowsDecisions == isServable)
  }

  @Test(
    arguments: [([.get], "GET"), ([.options, .head, .get], "GET, HEAD, OPTIONS"), ([], "")] as [(Methods, String)])
  func writesAllow(methods: Methods, value: String) {
    #expect(methods.fieldValue == value)
  }
}
