import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// `docs/backup.md`, done as it says.
@Suite(.timeLimit(.minutes(10))) struct BackupTests {
  private static let sealing = ["LATCHKEY_SEALING_KEY": String(repeating: "5a", count: 32)]

  /// What was there before the backup, and where it is kept.
  private struct Kept {
    let folder: String
    let secret, canary: String
    let backend: EchoBackend
    var dump: String { folder + "/latchkey.dump" }
    var heads: String { folder + "/heads.jsonl" }
  }

  @Test(.database) func restoresIntoAnotherCluster() async throws {
    try await withBackup { kept in
      let cluster = try await PrivateServer.start()
      // A younger cluster, whose transactions have lower numbers than those in the dump.
      try await SQLScript("CREATE DATABASE latchkey TEMPLATE template0").run(on: cluster.configuration)
      let target = cluster.configuration.replacing(database: "latchkey")
      let environment = target.environment.merging(Self.sealing) { $1 }
      #expect(await RunningLatchkey.run(["migrate"], environment: environment).code == 0)
      try await documented("restore", ["LATCHKEY_ADMIN_URL": target.connectionString], in: kept.folder)
      try await expectTheStoryGoesOn(kept, environment: environment, database: target)
      await cluster.remove()
    }
  }

  @Test(.database) func restoresIntoTheEmbeddedServer() async throws {
    try await withBackup { kept in
      let data = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: data) }
      let environment = Self.sealing.merging(["LATCHKEY_DATA_DIR": data.path(), "LATCHKEY_LOCAL": "1"]) { $1 }
      try await RunningLatchkey.with(environment: environment) { _ in
        let url = try String(contentsOf: data.appending(path: "postgres-url"), encoding: .utf8)
        try await documented("restore", ["LATCHKEY_ADMIN_URL": url], in: kept.folder)
      }
      try await expectTheStoryGoesOn(kept, environment: environment, database: nil)
    }
  }

  /// An installation with some of everything, backed up; what happens afterwards is in the exported heads alone.
  private func withBackup(_ body: (Kept) async throws -> Void) async throws {
    let source = TestDatabase.current.configuration
    // A cluster that has come further than the one that is restored into will have.
    let count = "DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
    try await SQLScript(count).run(on: source)
    let folder = try await Command.run(script: "mktemp -d /tmp/latchkey-backup-XXXXXX").trimming()
    let environment = source.environment.merging(Self.sealing) { $1 }
    try await EchoBackend.with { backend in
      let kept = try await RunningLatchkey.with(environment: environment) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let (key, secret) = try await acme.key()
        let canary = "canary-\(UUID().uuidString)"
        let headers: JSONValue = [["name": "X-Backend-Key", "value": .string(canary)]]
        let group = try await acme.release(
          "pets", backend: ["type": "http", "url": .string(backend.url), "headers": headers])
        _ = try await acme.authorize(key, for: group)
        let kept = Kept(folder: folder, secret: secret, canary: canary, backend: backend)
        try await expectAdmitted(kept, at: latchkey)
        let owner = source.replacing(user: "latchkey_owner")
        try await documented("backup", ["LATCHKEY_OWNER_URL": owner.connectionString], in: folder)
        _ = try await acme.key()
        return kept
      }
      let heads = await RunningLatchkey.run(["audit", "head"], environment: environment)
      try await Command.run(script: "cat > \"$1\" <<'E'\n\(heads.output)E", arguments: [kept.heads])
      try await body(kept)
    }
    try await Command.run(["rm", "-r", folder])
  }

  /// The key of before calls on, its backend is sent the sealed header, gateways do not read everything again and again,
  /// and the audit is whole but for its lost end.
  private func expectTheStoryGoesOn(
    _ kept: Kept, environment: [String: String], database: PostgresConfiguration?
  ) async throws {
    try await RunningLatchkey.with(environment: environment) { latchkey in
      try await expectAdmitted(kept, at: latchkey)
      let whole = await RunningLatchkey.run(["audit", "verify"], environment: environment)
      #expect(whole.code == 0, "\(whole.output)")
      let cut = await RunningLatchkey.run(["audit", "verify", "--head", kept.heads], environment: environment)
      #expect(cut.code == 1, "\(cut.output)")
      let globex = try await Tenancy("globex", at: latchkey.address(of: "console"))
      _ = try await globex.openedDoor(at: "http://\(latchkey.address(of: "gateway"))/globex/online/pets/1")
      if let database { try await expectNoOtherHistory(in: database) }
    }
  }

  private func expectNoOtherHistory(in database: PostgresConfiguration) async throws {
    try await SQLScript(
      """
      DO $$
      BEGIN
        IF EXISTS (
          SELECT FROM change_horizon WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
          UNION ALL SELECT FROM changes WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot()))
        THEN RAISE 'the feed has numbers that are still to come'; END IF;
      END
      $$
      """
    ).run(on: database)
  }

  private func expectAdmitted(_ kept: Kept, at latchkey: RunningLatchkey) async throws {
    let url = "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
    let admitted = try await Caller.untilStatus(200, url, headers: keyed(kept.secret))
    #expect(admitted.status == 200)
    #expect(admitted.body.contains(kept.canary))
  }

  /// Runs a command of the page, word by word.
  private func documented(_ name: String, _ variables: [String: String], in folder: String) async throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/backup.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let block = try #require(text.components(separatedBy: "```\(name)\n").dropFirst().first)
    let command = block.components(separatedBy: "```")[0].trimming()
    let names = variables.keys.sorted()
    let settings = names.enumerated().map { "\($1)=$\($0 + 2); export \($1)\n" }.joined()
    try await Command.run(
      script: "cd \"$1\"\n\(settings)\(command)", arguments: [folder] + names.map { variables[$0] ?? "" })
  }
}

extension String {
  fileprivate func trimming() -> String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
