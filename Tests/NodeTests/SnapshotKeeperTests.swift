import Foundation
import Logging
import Model
import Postgres
import Routing
import TestPostgres
import Testing

@testable import Node

/// What a node keeps on disk, and what it starts from.
@Suite(.migrated, .serialized, .timeLimit(.minutes(10)))
struct SnapshotKeeperTests {
  private let installation = Installation()

  /// A data directory, and nodes that come and go on it.
  private struct Disk {
    let folder: URL
    let node: TestNode

    var snapshot: URL { folder.appending(path: "snapshot") }
    var mark: URL { folder.appending(path: "snapshot.mark") }

    func keeper(of origin: String = "here") throws -> SnapshotKeeper {
      try SnapshotKeeper(in: folder.path(), of: origin, logger: Logger(label: "test"), now: { TestNode.now.wall })
    }

    func follower(
      _ keeper: SnapshotKeeper, cell: SnapshotCell = SnapshotCell(), now: Moment = TestNode.now
    ) -> SnapshotFollower {
      SnapshotFollower(
        publishing: cell, from: node.pool, wokenBy: node.listener, keeper: keeper, logger: Logger(label: "test"),
        now: { now })
    }

    /// What the next process of the node finds.
    func stored(of origin: String = "here") async throws -> SnapshotKeeper.Stored? {
      try await keeper(of: origin).load()
    }

    /// The file's content once it is another; the suite's time limit ends a wait in vain.
    func changedSnapshot(since former: Data?) async throws -> Data {
      while true {
        if let data = try? Data(contentsOf: snapshot), data != former { return data }
        try Task.checkCancellation()
        await Task.yield()
      }
    }

    /// A process that reads the database, writes its snapshot and is gone.
    func keep() async throws {
      let keeper = try keeper()
      try await follower(keeper).start(from: await keeper.load())
      await keeper.write()
    }
  }

  private func withDisk(_ body: (Disk) async throws -> Void) async throws {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await body(Disk(folder: folder, node: node))
    }
  }

  @Test func startsFromWhatWasKept() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let (keeper, cell) = (try disk.keeper(), SnapshotCell())
      let stored = try #require(await keeper.load())
      try await disk.follower(keeper, cell: cell).start(from: stored, databaseIsAway: true)
      #expect(try installation.refusal(by: cell.snapshot) == nil)
      #expect(cell.freshness.confirmedAt == TestNode.now.boot)
    }
  }

  /// How old what was kept an hour ago counts as, by how far the wall clock was set meanwhile.
  @Test(arguments: [
    ("first", Duration.zero, Duration?.some(.seconds(3600))), ("first", .seconds(-7200), .seconds(3600)),
    ("first", .seconds(7200), .seconds(3 * 3600)), ("second", .zero, .seconds(3600)),
    ("second", .seconds(-7200), nil),
  ])
  func aClockThatIsSetBackMakesNothingYounger(bootID: String, setting: Duration, age: Duration?) async throws {
    try await withDisk { disk in
      try await disk.keep()
      var now = TestNode.now.later(by: .seconds(3600))
      now.wall = now.later(by: setting).wall
      if bootID == "second" { (now.boot, now.bootID) = (BootTime(nanoseconds: 5), "second") }
      let (keeper, cell) = (try disk.keeper(), SnapshotCell(lease: ServingLease { [now] in now.boot }))
      try await disk.follower(keeper, cell: cell, now: now).start(from: await keeper.load(), databaseIsAway: true)
      #expect(cell.freshness.age(at: now.boot) == age)
      #expect(cell.allowsDecisions == (age != nil))
    }
  }

  @Test func readsOnFromWhatWasKept() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let (keeper, cell) = (try disk.keeper(), SnapshotCell())
      let stored = try #require(await keeper.load())
      let follower = disk.follower(keeper, cell: cell)
      try await follower.start(from: stored)
      #expect(cell.snapshot === stored.reading.snapshot, "nothing changed, so nothing is read again")
      try await installation.revoke(on: disk.node.database)
      try await follower.refresh()
      #expect(try installation.refusal(by: cell.snapshot) == .unauthorized(.missing))
    }
  }

  /// What changed while no process ran is in force before the first call is decided.
  @Test func decidesByNothingOldWhileTheDatabaseIsThere() async throws {
    try await withDisk { disk in
      try await disk.keep()
      try await installation.revoke(on: disk.node.database)
      let (keeper, cell) = (try disk.keeper(), SnapshotCell())
      try await disk.follower(keeper, cell: cell).start(from: await keeper.load())
      #expect(try installation.refusal(by: cell.snapshot) == .unauthorized(.missing))
      await keeper.write()
    }
  }

  @Test func readsEverythingWhereThePositionIsOfAnotherHistory() async throws {
    try await withDisk { disk in
      let reading = try await SnapshotFeed(pool: disk.node.pool, logger: Logger(label: "test")).read(after: nil)
      var position = reading.position
      position.history = "1/2/3/4"
      try await {
        let keeper = try disk.keeper()
        keeper.note(SnapshotFeed.Reading(snapshot: .empty, position: position), confirmedAt: TestNode.now)
        await keeper.write()
      }()
      let (keeper, cell) = (try disk.keeper(), SnapshotCell())
      try await disk.follower(keeper, cell: cell).start(from: await keeper.load())
      #expect(try installation.refusal(by: cell.snapshot) == nil)
    }
  }

  @Test func refusesAnOlderFilePutBack() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let former = try Data(contentsOf: disk.snapshot)
      try await installation.revoke(on: disk.node.database)
      try await disk.keep()
      #expect(try await disk.stored() != nil)
      try former.write(to: disk.snapshot)
      #expect(try await disk.stored() == nil)
    }
  }

  @Test func refusesAFileThatAChangeHasMadeOld() async throws {
    try await withDisk { disk in
      try await disk.keep()
      try await {
        let keeper = try disk.keeper()
        let follower = disk.follower(keeper)
        try await follower.start(from: await keeper.load())
        try await installation.revoke(on: disk.node.database)
        try await follower.refresh()
        await keeper.settle()
      }()
      #expect(try await disk.stored() == nil, "a crash before the next file lets nobody in again")
      try await disk.keep()
      #expect(try await disk.stored() != nil)
    }
  }

  @Test func startsFromAFileWhoseMarkACrashPrevented() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let former = try Data(contentsOf: disk.mark)
      try await installation.revoke(on: disk.node.database)
      try await disk.keep()
      try former.write(to: disk.mark)
      let stored = try #require(try await disk.stored())
      #expect(try installation.refusal(by: stored.reading.snapshot) == .unauthorized(.missing))
    }
  }

  @Test func refusesAFileWithoutItsMark() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let former = try Data(contentsOf: disk.snapshot)
      try await installation.revoke(on: disk.node.database)
      try await disk.keep()
      try FileManager.default.removeItem(at: disk.mark)
      try former.write(to: disk.snapshot)
      #expect(try await disk.stored() == nil)
      try await disk.keep()
      #expect(try await disk.stored() != nil)
      // Nor is the old one taken for newer than the first mark of a process that has found none.
      try former.write(to: disk.snapshot)
      #expect(try await disk.stored() == nil)
    }
  }

  @Test func refusesAForeignFile() async throws {
    try await withDisk { disk in
      try await disk.keep()
      #expect(try await disk.stored(of: "elsewhere") == nil)
      #expect(try await disk.stored() != nil)
    }
  }

  @Test(arguments: ["snapshot", "snapshot.mark"], [true, false])
  func refusesADamagedFile(name: String, isCutShort: Bool) async throws {
    try await withDisk { disk in
      try await disk.keep()
      let file = disk.folder.appending(path: name)
      var bytes = try Data(contentsOf: file)
      if isCutShort { bytes.removeLast() } else { bytes[bytes.count / 2] ^= 1 }
      try bytes.write(to: file)
      #expect(try await disk.stored() == nil)
      // It does not stay that way.
      try await disk.keep()
      #expect(try await disk.stored() != nil)
    }
  }

  @Test func marksThatAFileIsStillTheNewest() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let bytes = try Data(contentsOf: disk.snapshot)
      let later = TestNode.now.later(by: .seconds(60))
      try await {
        let keeper = try disk.keeper()
        let stored = try #require(await keeper.load())
        keeper.note(stored.reading, confirmedAt: later)
        await keeper.write()
      }()
      #expect(try Data(contentsOf: disk.snapshot) == bytes)
      #expect(try await disk.stored()?.confirmedAt == later)
    }
  }

  @Test func itsFilesAreForNobodyElse() async throws {
    try await withDisk { disk in
      try await disk.keep()
      for file in try FileManager.default.contentsOfDirectory(at: disk.folder, includingPropertiesForKeys: nil) {
        let mode = try FileManager.default.attributesOfItem(atPath: file.path())[.posixPermissions] as? Int
        #expect(mode == 0o600)
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: disk.folder.path())
      #expect(names.sorted() == ["snapshot", "snapshot.lock", "snapshot.mark"])
    }
  }

  @Test func twoProcessesDoNotShareADirectory() async throws {
    try await withDisk { disk in
      let first = try disk.keeper()
      #expect(throws: DiskError.self) { try disk.keeper() }
      withExtendedLifetime(first) {}
    }
  }

  /// With the disk refusing, nothing that may be old is left to start from, and it is tried again.
  @Test func goesOnAfterTheDiskRefused() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let obstacles = ["snapshot.new", "snapshot.mark.new"].map { disk.folder.appending(path: $0) }
      try await {
        let keeper = try disk.keeper()
        let follower = disk.follower(keeper)
        try await follower.start(from: await keeper.load())
        for obstacle in obstacles {
          try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: false)
        }
        try await installation.revoke(on: disk.node.database)
        try await follower.refresh()
        await keeper.settle()
        await keeper.write()
        #expect(!FileManager.default.fileExists(atPath: disk.snapshot.path()))
        for obstacle in obstacles { try FileManager.default.removeItem(at: obstacle) }
        await keeper.write()
      }()
      let stored = try #require(try await disk.stored())
      #expect(try installation.refusal(by: stored.reading.snapshot) == .unauthorized(.missing))
    }
  }

  /// A disk that lets nothing be marked nor removed: no change is settled before it does again.
  @Test func settlesNothingThatItsDiskMayForget() async throws {
    try await withDisk { disk in
      try await disk.keep()
      let obstacle = disk.folder.appending(path: "snapshot.mark.new")
      let keeper = try disk.keeper()
      let stored = try #require(await keeper.load())
      await keeper.waitUntilSettled(1)
      try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: false)
      // What is a folder cannot be unlinked.
      try FileManager.default.removeItem(at: disk.snapshot)
      try FileManager.default.createDirectory(at: disk.snapshot, withIntermediateDirectories: false)
      let reading = SnapshotFeed.Reading(snapshot: .empty, position: stored.reading.position)
      #expect(keeper.note(reading, confirmedAt: TestNode.now) == 2)
      await keeper.settle()
      #expect(!keeper.isSettled(2))
      try FileManager.default.removeItem(at: obstacle)
      async let waiting: Void = keeper.waitUntilSettled(2)
      await keeper.settle()
      await waiting
      #expect(keeper.isSettled(2))
    }
  }

  @Test func writesWhatIsLeftWhenItStops() async throws {
    try await withDisk { disk in
      try await {
        let keeper = try disk.keeper()
        try await disk.follower(keeper).start(from: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await keeper.run() }
          group.cancelAll()
          try await group.waitForAll()
        }
      }()
      #expect(try await disk.stored() != nil)
    }
  }

  /// While it runs, a change is marked and written without anybody asking for it.
  @Test func keepsUpWithChanges() async throws {
    try await withDisk { disk in
      try await {
        let keeper = try disk.keeper()
        let follower = disk.follower(keeper)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await keeper.run() }
          try await follower.start(from: nil)
          let first = try await disk.changedSnapshot(since: nil)
          try await installation.revoke(on: disk.node.database)
          try await follower.refresh()
          _ = try await disk.changedSnapshot(since: first)
          group.cancelAll()
        }
      }()
      let stored = try #require(try await disk.stored())
      #expect(try installation.refusal(by: stored.reading.snapshot) == .unauthorized(.missing))
    }
  }
}

extension Moment {
  func later(by duration: Duration) -> Moment {
    let microseconds = duration.components.seconds * 1_000_000
    return Moment(wall: UnixTime(microseconds: wall.microseconds + microseconds), boot: boot + duration, bootID: bootID)
  }
}
