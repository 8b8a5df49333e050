import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// A gateway that starts with the database away: from the snapshot on disk, or not at all.
@Suite(.timeLimit(.minutes(10))) struct RestartTests {
  /// A console, and a gateway that has run on a data directory of its own and was told to stop.
  private struct World {
    let server: PrivateServer
    let acme: Tenancy
    let key, secret, stranger: String
    let folder: URL

    var environment: [String: String] {
      server.configuration.environment.merging(
        ["LATCHKEY_DATA_DIR": folder.path(), "LATCHKEY_NODE_NAME": "gateway"]) { $1 }
    }

    var snapshot: URL { folder.appending(path: "snapshot") }

    /// Deletes the key, as soon as the console has its database, with a receipt that holds.
    func delete(seenBy gateway: RunningLatchkey) async throws {
      var answer: Answer
      repeat {
        answer = try await acme.call(.DELETE, "/subscription-keys/\(key)?wait=30s")
      } while answer.status == 503
      #expect(try answer.json["enforced"] == true, "\(answer.body)")
      let status = try await status(of: secret, at: gateway)
      #expect(status == 401)
    }

    /// Whether the database has connections for gateways; the console's are as they were.
    func letGatewaysConnect(_ may: Bool) async throws {
      try await SQLScript("ALTER ROLE latchkey_gateway CONNECTION LIMIT \(may ? "-1" : "0")").run(
        on: server.configuration)
    }

    /// Starts the gateway, which either has nothing to start from or knows that the key was deleted.
    func expectNothingOld() async throws {
      do {
        try await serve(expecting: 401)
      } catch let error as RunningLatchkey.NotStarted {
        #expect(error.output.contains("LATCHKEY_DATABASE_URL"), "\(error)")
      }
    }

    /// Waits until the gateway has a file of what it decides by.
    func untilKept() async throws {
      let mark = folder.appending(path: "snapshot.mark")
      try await eventually {
        let lines = try? String(contentsOf: mark, encoding: .utf8).split(separator: "\n")
        return lines.map { $0.count > 2 && $0[2] != "none" } ?? false
      }
    }

    /// Lets the gateway's disk be read only, as soon as nothing is being written to it, or be written again.
    func remount(isReadOnly: Bool) async throws {
      while true {
        do {
          return try SmallDisk.remount(folder.path(), isReadOnly: isReadOnly)
        } catch {
          try await Task.sleep(for: .milliseconds(5))
        }
      }
    }

    /// Runs the gateway.
    func serve<Result>(
      _ settings: [String: String] = [:], _ body: (RunningLatchkey) async throws -> Result
    ) async throws -> Result {
      try await RunningLatchkey.with(
        role: "gateway", environment: environment.merging(settings) { $1 }, body)
    }

    /// Runs the gateway, which is to answer the key's call with this status.
    func serve(expecting expected: Int) async throws {
      try await serve { gateway in
        let status = try await status(of: secret, at: gateway)
        #expect(status == expected)
      }
    }

    /// The administrator's connection string is what the gateways have: its login gets further than theirs do.
    func refusing(_ refusal: Refusal, _ body: () async throws -> Void) async throws {
      switch refusal {
      case .connections: try await server.withoutConnections(body)
      case .space:
        try await server.fillDisk()
        try await body()
        try server.freeDisk()
      case .writes:
        await server.stop()
        try await Command.run(script: "touch \"$1/standby.signal\"", arguments: [server.dataDirectory])
        try await server.start()
        try await body()
      }
    }

    func status(of secret: String?, at gateway: RunningLatchkey) async throws -> Int {
      let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
      return try await Caller.call(.GET, url, headers: secret.map(keyed) ?? []).status
    }

    /// Starts the gateway, which is to refuse that.
    func startInVain(_ settings: [String: String] = [:]) async -> RunningLatchkey.Ending {
      await RunningLatchkey.run(
        ["serve", "--role", "gateway", "--gateway-address", "127.0.0.1:0", "--internal-address", "127.0.0.1:0"],
        environment: environment.merging(settings) { $1 })
    }
  }

  /// What a database may have none of, though it answers.
  enum Refusal: CaseIterable {
    case connections, space, writes
  }

  private func withWorld(
    diskMegabytes: Int? = nil, gatewaysDisk: Int? = nil, _ body: (World) async throws -> Void
  ) async throws {
    let server = try await PrivateServer.start(
      settings: ["synchronous_commit": "on", "max_connections": "40"], diskMegabytes: diskMegabytes)
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    if let gatewaysDisk { try SmallDisk.mount(on: folder.path(), megabytes: gatewaysDisk) }
    defer {
      if gatewaysDisk != nil { SmallDisk.unmount(folder.path()) }
      try? FileManager.default.removeItem(at: folder)
    }
    do {
      try await RunningLatchkey.with(role: "console", environment: server.configuration.environment) { console in
        let acme = try await Tenancy("acme", at: console.address(of: "console"))
        let (key, secret) = try await acme.key()
        let (_, stranger) = try await acme.key()
        _ = try await acme.authorize(key, for: try await acme.release("pets", backend: .mock))
        let world = World(
          server: server, acme: acme, key: key, secret: secret, stranger: stranger, folder: folder)
        try await world.serve(expecting: 200)
        try await body(world)
      }
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  @Test func startsFromItsSnapshotAndFollowsAgain() async throws {
    try await withWorld { world in
      await world.server.stop()
      try await world.serve { gateway in
        #expect(try await world.status(of: world.secret, at: gateway) == 200)
        #expect(try await world.status(of: world.stranger, at: gateway) == 403)
        #expect(try await world.status(of: nil, at: gateway) == 401)
        let ready = try await Caller.call(.GET, "http://\(gateway.address(of: "internal"))/readyz")
        #expect(ready.status == 200)
        #expect(ready.body.contains("\"snapshotAgeSeconds\":"))
        try await world.server.start()
        _ = try await Caller.untilStatus(
          200, "http://\(world.acme.console)/v1/me", headers: [("Authorization", "Bearer \(world.acme.token)")])
        #expect(try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)").status == 204)
        let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(401, url, headers: keyed(world.secret)).status == 401)
      }
      // What it has learnt since is what it starts from next.
      await world.server.stop()
      try await world.serve(expecting: 401)
    }
  }

  @Test func knowsItsTenantsHostsFromItsSnapshot() async throws {
    try await withWorld { world in
      let group = try await world.acme.call(.GET, "/api-groups").json["items"]?.elements?.first?["id"] ?? .null
      let claim = try await world.acme.make(
        "/domains", ["host": "api.acme.example", "groupId": group, "environment": "online"])
      let approved = await RunningLatchkey.run(
        ["domain", "approve", claim["id"]?.text ?? ""], environment: world.environment)
      #expect(approved.code == 0)
      func status(at gateway: RunningLatchkey) async throws -> Int {
        let headers = keyed(world.secret) + [("Host", "api.acme.example")]
        return try await Caller.call(.GET, "http://\(gateway.address(of: "gateway"))/1", headers: headers).status
      }
      // It reads on from its snapshot before it listens.
      try await world.serve { gateway in
        let status = try await status(at: gateway)
        #expect(status == 200)
      }
      await world.server.stop()
      try await world.serve { gateway in
        let status = try await status(at: gateway)
        #expect(status == 200)
      }
    }
  }

  @Test func startsFromItsSnapshotWhileTheDatabaseDoesNotAnswer() async throws {
    try await withWorld { world in
      try await world.server.pause()
      try await world.serve(expecting: 200)
      try await world.server.resume()
    }
  }

  @Test(arguments: [Refusal.connections, .writes])
  func startsFromItsSnapshotWhileTheDatabaseRefuses(refusal: Refusal) async throws {
    try await withWorld { world in
      try await world.refusing(refusal) { try await world.serve(expecting: 200) }
    }
  }

  @Test(.enabled(if: PrivateServer.canHaveOwnDisk, "only root mounts a disk to fill"))
  func startsFromItsSnapshotWhileTheDatabasesDiskIsFull() async throws {
    try await withWorld(diskMegabytes: 256) { world in
      try await world.refusing(.space) { try await world.serve(expecting: 200) }
    }
  }

  @Test func allRolesStartFromTheSnapshotToo() async throws {
    try await withWorld { world in
      await world.server.stop()
      try await RunningLatchkey.with(environment: world.environment) { latchkey in
        #expect(try await world.status(of: world.secret, at: latchkey) == 200)
        let me = "http://\(latchkey.address(of: "console"))/v1/me"
        let signedIn = [("Authorization", "Bearer \(world.acme.token)")]
        #expect(try await Caller.call(.GET, me, headers: signedIn).status == 503)
        try await world.server.start()
        #expect(try await Caller.untilStatus(200, me, headers: signedIn).status == 200)
      }
    }
  }

  @Test func refusesWhatIsNotItsNewestSnapshot() async throws {
    try await withWorld { world in
      let former = try Data(contentsOf: world.snapshot)
      #expect(try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)").status == 204)
      try await world.serve(expecting: 401)
      await world.server.stop()
      let newest = try Data(contentsOf: world.snapshot)

      try former.write(to: world.snapshot)
      let older = await world.startInVain()
      #expect(older.code != 0)
      #expect(older.output.contains("not the newest"))
      #expect(older.output.contains("LATCHKEY_DATABASE_URL"))

      let mark = world.folder.appending(path: "snapshot.mark")
      let marked = try Data(contentsOf: mark)
      try FileManager.default.removeItem(at: mark)
      let unmarked = await world.startInVain()
      #expect(unmarked.code != 0)
      #expect(unmarked.output.contains("its mark is missing"))
      try marked.write(to: mark)

      try newest.dropLast(100).write(to: world.snapshot)
      let truncated = await world.startInVain()
      #expect(truncated.code != 0)
      #expect(truncated.output.contains("snapshot on disk is not used"))

      try newest.write(to: world.snapshot)
      let foreign = await world.startInVain(["LATCHKEY_DATABASE_URL": "host=/nonexistent user=postgres dbname=other"])
      #expect(foreign.code != 0)
      #expect(foreign.output.contains("another database"))
      try await world.serve(expecting: 401)
    }
  }

  /// A gateway that has seen a revoke, running or by its file, and a database that was put back to before it: what that
  /// has is what counts, and nothing that is changed from then on is missed, though its numbers are ones that were seen.
  @Test(arguments: [true, false]) func followsAnOlderBackupPutInPlace(isRunning: Bool) async throws {
    try await withWorld { world in
      try await world.server.backUp()
      func follow(_ gateway: RunningLatchkey) async throws {
        let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(200, url, headers: keyed(world.secret)).status == 200)
        try await world.delete(seenBy: gateway)
      }
      try await world.serve { gateway in
        for _ in 0..<20 { _ = try await world.acme.key() }
        try await world.delete(seenBy: gateway)
        if isRunning {
          try await world.server.putBack()
          try await follow(gateway)
        }
      }
      if !isRunning {
        try await world.server.putBack()
        try await world.serve { gateway in
          #expect(try await world.status(of: world.secret, at: gateway) == 200, "before its first call it has read")
          try await follow(gateway)
        }
      }
    }
  }

  @Test func nothingThatWasConfirmedComesBackAfterAKill() async throws {
    try await withWorld { world in
      try await world.serve { gateway in
        let receipt = try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)?wait=30s").json
        _ = await gateway.stop(SIGKILL)
        #expect(receipt["enforced"] == true, "\(receipt)")
      }
      await world.server.stop()
      try await world.expectNothingOld()
    }
  }

  /// A gateway that was stopped as it should be and comes back without reaching the database: nobody can know of it, until
  /// it reaches it.
  @Test func isCountedOnceItReachesTheDatabaseAgain() async throws {
    try await withWorld { world in
      try await world.serve(["LATCHKEY_NODE_NAME": "former"]) { _ in }
      try await world.letGatewaysConnect(false)
      try await world.serve(["LATCHKEY_NODE_NAME": "later"]) { gateway in
        _ = try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)")
        #expect(try await world.status(of: world.secret, at: gateway) == 200, "it cannot know")
        try await world.letGatewaysConnect(true)
        let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(401, url, headers: keyed(world.secret)).status == 401)
        let key = try await world.acme.make("/subscription-keys?wait=30s", ["name": "y"])
        #expect(key["receipt"]?["enforced"] == true, "\(key)")
        #expect(key["receipt"]?["nodes"] == 1)
      }
    }
  }

  /// Receipts have not reckoned with what a refusing gateway left.
  @Test func servesNothingUnregisteredFromARefusingGatewaysDisk() async throws {
    try await withWorld { world in
      try await world.serve(["LATCHKEY_WITHOUT_LEASE": "refuse"]) { gateway in
        let status = try await world.status(of: world.secret, at: gateway)
        #expect(status == 200)
      }
      try await world.letGatewaysConnect(false)
      try await world.serve { gateway in
        #expect(try await world.status(of: world.secret, at: gateway) == 503)
        let receipt = try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)?wait=30s").json
        #expect(receipt["enforced"] == true, "\(receipt)")
        #expect(try await world.status(of: world.secret, at: gateway) == 503)
        try await world.letGatewaysConnect(true)
        let url = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(401, url, headers: keyed(world.secret)).status == 401)
      }
    }
  }

  /// A disk on which a snapshot can neither be marked as old nor removed: what is revoked is in force, and is not said to
  /// be, since a restart would bring it back.
  @Test(.enabled(if: SmallDisk.isPossible, "only root mounts a disk"))
  func confirmsNothingThatItsDiskMayForget() async throws {
    try await withWorld(gatewaysDisk: 16) { world in
      try await world.serve(["LATCHKEY_NODE_NAME": "stuck"]) { gateway in
        let touched = try await world.acme.call(
          .PATCH, "/subscription-keys/\(world.key)?wait=30s", ["description": "x"])
        #expect(try touched.json["receipt"]?["enforced"] == true, "\(touched.body)")
        try await world.untilKept()
        try await world.remount(isReadOnly: true)
        let receipt = try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)?wait=2s").json
        #expect(receipt["enforced"] == false)
        #expect(receipt["unconfirmed"]?.elements?.map { $0["name"] } == ["stuck"])
        #expect(try await world.status(of: world.secret, at: gateway) == 401)
        #expect(gateway.log.contains("no change is confirmed"))
        try await world.remount(isReadOnly: false)
        let key = try await world.acme.make("/subscription-keys?wait=30s", ["name": "y"])
        #expect(key["receipt"]?["enforced"] == true, "\(key)")
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root mounts a disk"))
  func leavesNothingOldOnADiskThatIsFull() async throws {
    try await withWorld(gatewaysDisk: 4) { world in
      try await world.serve { gateway in
        try await world.untilKept()
        SmallDisk.fill(world.folder.path())
        let receipt = try await world.acme.call(.DELETE, "/subscription-keys/\(world.key)?wait=30s").json
        #expect(receipt["enforced"] == true, "\(receipt)")
        #expect(try await world.status(of: world.secret, at: gateway) == 401)
        _ = await gateway.stop(SIGKILL)
      }
      await world.server.stop()
      try await world.expectNothingOld()
    }
  }

  @Test func refusesByASnapshotThatIsTooOld() async throws {
    try await withWorld { world in
      await world.server.stop()
      try await world.serve(["LATCHKEY_MAX_SNAPSHOT_AGE": "1s"]) { gateway in
        let probe = "http://\(gateway.address(of: "internal"))/readyz"
        let notReady = try await Caller.untilStatus(503, probe)
        #expect(notReady.status == 503)
        let age = try notReady.json["snapshotAgeSeconds"]
        #expect(age != nil && age != .null && age != .integer(0), "the time before the restart counts")
        let call = "http://\(gateway.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(503, call, headers: keyed(world.secret)).status == 503)
      }
      try await world.serve(expecting: 200)
    }
  }
}
