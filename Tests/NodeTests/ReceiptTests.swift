import Foundation
import Logging
import Model
import Postgres
import Routing
import ServiceLifecycle
import Store
import TestPostgres
import Testing

@testable import Console
@testable import Node

/// What a receipt says, with nodes that follow, that are held back, and that are gone.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct ReceiptTests {
  private let installation = Installation()

  /// A console that makes one change and waits for it.
  private struct Desk {
    let store: Store
    let watch: NodeWatch
    let installation: Installation
    let database: PostgresPool
    let witness = CommitWitness()

    /// Deletes the key, which every node has to hear of.
    func deleteKey() async throws {
      let deleted = try await store.witnessed(by: witness).run(
        in: installation.caller,
        SubscriptionKeys.delete(installation.key, asCompromised: false, createdBy: nil, in: installation.caller))
      #expect(deleted == 1)
    }

    func receipt(within limit: Duration = .seconds(20)) async -> Receipt {
      await watch.receipt(for: witness.changes, within: limit)
    }

    /// The first receipt that is so, each after a short wait: how soon nodes confirm is for no test to say.
    func firstReceipt(where isSo: @Sendable (Receipt) -> Bool) async -> Receipt {
      var latest: Receipt
      repeat { latest = await receipt(within: .milliseconds(300)) } while !isSo(latest)
      return latest
    }

    /// The one node's, as the database has it.
    func leaseExpiry() async throws -> Date {
      try await database.only(Query<Date>("test.lease", "SELECT lease_expires_at FROM gateway_nodes"))
    }

    /// Waits until what the database knows of the nodes is so.
    func waitUntil(_ condition: (NodeRoster) -> Bool) async throws {
      while let roster = try await store.run(in: nil, GatewayNodes.all), !condition(roster) {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  private func withDesk(_ body: (Desk) async throws -> Void) async throws {
    let test = TestDatabase.current
    try await test.withPool { database in
      try await installation.create(on: database)
      try await test.withPool(user: "latchkey_console") { pool in
        let store = Store(pool: pool)
        let watch = NodeWatch(store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await watch.run() }
          try await body(Desk(store: store, watch: watch, installation: installation, database: database))
          group.cancelAll()
        }
      }
    }
  }

  private func isRefused(by node: RegisteredNode) throws -> Bool {
    try installation.refusal(by: node.cell.snapshot) == .unauthenticated(.unknown)
  }

  @Test func isEnforcedOnceEveryNodeHasIt() async throws {
    try await withDesk { desk in
      try await RegisteredNode.running([.init(name: "a"), .init(name: "b"), .init(name: "c")]) { nodes in
        try await desk.deleteKey()
        let receipt = await desk.receipt()
        #expect(receipt.isEnforced)
        #expect((receipt.nodes, receipt.confirmed, receipt.refusing) == (3, 3, 0))
        #expect(receipt.unconfirmed == [])
        for node in nodes { #expect(try isRefused(by: node)) }
      }
    }
  }

  @Test func waitsForEveryEventLoop() async throws {
    try await withDesk { desk in
      try await RegisteredNode.running([.init(name: "a"), .init(name: "b"), .init(name: "c")]) { nodes in
        try await desk.waitUntil { $0.nodes.allSatisfy { $0.inForce != nil } }
        let loop = nodes[1].cell.makeReader {}
        try await desk.deleteKey()
        let held = await desk.firstReceipt { $0.confirmed == 2 }
        #expect(!held.isEnforced)
        #expect((held.nodes, held.refusing) == (3, 0))
        #expect(held.unconfirmed.map(\.name) == ["b"])
        #expect(held.after >= .milliseconds(300))
        loop.refresh()
        #expect(await desk.receipt().isEnforced)
      }
    }
  }

  /// What the disk of a node may bring back after a crash is not confirmed, though its calls are decided by the change.
  @Test func waitsForTheDisk() async throws {
    try await withDesk { desk in
      let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      let (snapshot, obstacle) = (folder.appending(path: "snapshot"), folder.appending(path: "snapshot.mark.new"))
      try await RegisteredNode.running([.init(name: "a", folder: folder)]) { nodes in
        try await desk.waitUntil { $0.nodes.allSatisfy { $0.inForce != nil } }
        let mark = DiskFile(path: folder.appending(path: "snapshot.mark").path())
        try await eventually { try SnapshotMark.read(from: mark)?.checksum != nil }
        // What is a folder can neither be replaced by a file nor unlinked.
        try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: false)
        try FileManager.default.removeItem(at: snapshot)
        try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: false)
        try await desk.deleteKey()
        try await eventually { try isRefused(by: nodes[0]) }
        let receipt = await desk.receipt(within: .milliseconds(500))
        #expect(receipt.unconfirmed.map(\.name) == ["a"])
        #expect(!receipt.isEnforced)
        try FileManager.default.removeItem(at: obstacle)
        #expect(await desk.receipt().isEnforced)
      }
    }
  }

  @Test func countsARefusingNodeWhoseLeaseRanOut() async throws {
    try await withDesk { desk in
      try await RegisteredNode.running([.init(name: "a"), .init(name: "b", withoutLease: .refuse)]) { nodes in
        let lease = nodes[1].cell.lease
        try await eventually { lease.allowsDecisions }
        // Of what it decides by now, nothing changes any more.
        nodes[1].kill()
        try await desk.deleteKey()
        let receipt = await desk.receipt()
        #expect(!lease.allowsDecisions, "it refused before the receipt was given")
        #expect(receipt.isEnforced)
        #expect(receipt.confirmed + receipt.refusing == 2)
      }
    }
  }

  @Test func listsAServingNodeThatIsGone() async throws {
    try await withDesk { desk in
      try await RegisteredNode.running([.init(name: "a"), .init(name: "b")]) { nodes in
        nodes[1].kill()
        let loop = nodes[1].cell.makeReader {}
        try await desk.deleteKey()
        let receipt = await desk.firstReceipt {
          $0.confirmed == 1 && $0.unconfirmed.allSatisfy { $0.leaseExpiresAt < .now }
        }
        #expect(!receipt.isEnforced, "the lease is over, and that is no help")
        #expect(receipt.unconfirmed.map(\.name) == ["b"])
        withExtendedLifetime(loop) {}
        // Another process under its name takes its place.
        try await RegisteredNode.running([.init(name: "b")]) { _ in
          let receipt = await desk.receipt()
          #expect(receipt.isEnforced)
          #expect(receipt.nodes == 2)
        }
      }
    }
  }

  @Test func aNodeThatStartsLaterHasItAlready() async throws {
    try await withDesk { desk in
      try await desk.deleteKey()
      #expect(await desk.receipt(within: .seconds(5)).nodes == 0, "nobody decides")
      try await RegisteredNode.with(.init(name: "late")) { node in
        await node.registration.register()
        let early = await desk.receipt(within: .milliseconds(100))
        #expect(early.unconfirmed.map(\.name) == ["late"], "it is known before it has read")
        try await node.follower.refresh()
        #expect(try isRefused(by: node))
      }
    }
  }

  @Test func aNodeThatStopsIsForgotten() async throws {
    try await withDesk { desk in
      try await RegisteredNode.with(.init(name: "a")) { node in
        await node.registration.register()
        let services = ServiceGroup(
          services: [node.registration], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let end: Void = services.run()
        try await desk.waitUntil { $0.nodes.count == 1 }
        await services.triggerGracefulShutdown()
        try await end
        try await desk.waitUntil { $0.nodes.isEmpty }
      }
    }
  }

  @Test func whatAStoppedNodeLeftOnDiskServesUntilItIsTooOld() async throws {
    try await withDesk { desk in
      let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      try await stop(.init(name: "a", folder: folder))
      try await desk.waitUntil { $0.nodes.isEmpty }
      let counted = try await stored(in: folder)?.counted
      #expect(counted?.duration == .seconds(24 * 3600))
      // Under whatever name.
      try await RegisteredNode.running([.init(name: "b", folder: folder, former: counted)]) { _ in
        let receipt = await desk.receipt()
        #expect(receipt.isEnforced)
        #expect((receipt.nodes, receipt.confirmed) == (1, 1))
      }
    }
  }

  @Test func aRefusingNodeThatStopsIsForgottenAndItsSnapshotServesNobodyUnregistered() async throws {
    try await withDesk { desk in
      let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      try await stop(.init(name: "a", withoutLease: .refuse, folder: folder))
      try await desk.waitUntil { $0.nodes.isEmpty }
      let counted = try #require(try await stored(in: folder)?.counted)
      #expect(counted.duration == .zero)
      try await RegisteredNode.with(.init(name: "b", former: counted)) { node in
        node.cell.freshness.confirm(at: .now())
        #expect(!node.cell.allowsDecisions)
        await node.registration.register()
        #expect(!node.cell.allowsDecisions, "what it knows may be old")
        try await node.follower.refresh()
        await node.registration.begin()
        #expect(node.cell.allowsDecisions)
      }
    }
  }

  /// Runs a node until it has a snapshot on disk, and lets it end as it should.
  private func stop(_ kind: RegisteredNode.Kind) async throws {
    try await RegisteredNode.with(kind) { node in
      await node.registration.register()
      try await node.follower.refresh()
      let services = ServiceGroup(
        services: [node.registration, try #require(node.keeper)],
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      async let end: Void = services.run()
      try await eventually { try await Self.mark(in: kind.folder)?.checksum != nil }
      await services.triggerGracefulShutdown()
      try await end
    }
  }

  private static func mark(in folder: URL?) async throws -> SnapshotMark? {
    try folder.flatMap { try SnapshotMark.read(from: DiskFile(path: $0.appending(path: "snapshot.mark").path())) }
  }

  private func stored(in folder: URL) async throws -> SnapshotKeeper.Stored? {
    try await SnapshotKeeper(
      in: folder.path(), of: "here", logger: Logger(label: "test"), now: { TestNode.now.wall }
    ).load()
  }

  /// A refusing node that was cut off for longer than its lease: it renews, and must still not decide by what it knew.
  @Test func aNodeThatComesBackReadsBeforeItDecides() async throws {
    try await withDesk { desk in
      let hands = Hands()
      try await RegisteredNode.with(.init(name: "a", withoutLease: .refuse, now: { hands.now })) { node in
        let lease = node.cell.lease
        await node.registration.register()
        #expect(!lease.allowsDecisions, "it has read nothing")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await node.registration.run() }
          try await node.follower.refresh()
          try await eventually { lease.allowsDecisions }
          // As if the machine had been suspended, with the change made meanwhile.
          try await desk.deleteKey()
          hands.advance(by: .seconds(100))
          #expect(!lease.allowsDecisions)
          let before = try await desk.leaseExpiry()
          try await desk.waitUntil { $0.nodes[0].leaseExpiresAt > before + 0.2 }
          #expect(!lease.allowsDecisions, "the lease was renewed more than once, but what is known is old")
          try await node.follower.refresh()
          try await eventually { lease.allowsDecisions }
          #expect(try isRefused(by: node))
          group.cancelAll()
        }
      }
    }
  }

  @Test func knowsNothingWithoutTheDatabase() async throws {
    let nowhere = try PostgresConfiguration("host=127.0.0.1 port=1 user=latchkey_console")
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    try await PostgresPool.withPool(nowhere, logger: logger) { pool in
      let watch = NodeWatch(store: Store(pool: pool))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await watch.run() }
        let receipt = await watch.receipt(for: [], within: .milliseconds(200))
        #expect(!receipt.isEnforced)
        #expect((receipt.nodes, receipt.unconfirmed.count) == (0, 0))
        group.cancelAll()
      }
    }
  }

  @Test func manyWaitAtOnce() async throws {
    try await withDesk { desk in
      try await RegisteredNode.running([.init(name: "a")]) { _ in
        try await desk.deleteKey()
        await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<500 { group.addTask { await desk.receipt().isEnforced } }
          for await isEnforced in group { #expect(isEnforced) }
        }
      }
    }
  }

  @Test func thoseThatHaveRefusedForADayAreForgotten() async throws {
    try await withDesk { desk in
      try await desk.database.execute(
        Query<Void>(
          "test.dead",
          """
          INSERT INTO gateway_nodes (id, name, lease_expires_at, refuses_at)
          VALUES ('a', 'long gone', now() - interval '50 hours', now() - interval '25 hours'),
            ('b', 'gone', now() - interval '50 hours', now() - interval '23 hours'),
            ('c', 'cut off', now() - interval '50 hours', now() + interval '1 hour')
          """))
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let pruned = try await pool.only(Query<Int64>("test.prune", "SELECT prune_gateway_nodes()"))
        #expect(pruned == 1)
      }
      try await desk.deleteKey()
      let receipt = await desk.receipt(within: .seconds(2))
      #expect((receipt.nodes, receipt.confirmed, receipt.refusing) == (2, 0, 1))
      #expect(receipt.unconfirmed.map(\.name) == ["cut off"])
    }
  }

  @Test func onlyGatewaysRegister() async throws {
    let write = Query<Void>(
      "test.register",
      "INSERT INTO gateway_nodes (id, name, lease_expires_at, refuses_at) VALUES ('x', 'x', now(), now())")
    try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      let error = await #expect(throws: PostgresError.self) { try await pool.execute(write) }
      #expect(error?.sqlState == "42501")
    }
    try await TestDatabase.current.withPool(user: "latchkey_gateway") { pool in
      let written = try await pool.execute(write)
      #expect(written == 1)
    }
  }
}
