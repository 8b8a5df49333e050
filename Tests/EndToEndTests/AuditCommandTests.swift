import Contract
import Foundation
import Postgres
import TestPostgres
import Testing

/// The operator's way to check the audit, by the real binary.
@Suite(.database, .timeLimit(.minutes(10))) struct AuditCommandTests {
  @Test func verifiesAgainstAHeadThatWasKeptElsewhere() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      _ = try await acme.key()
    }
    let head = await RunningLatchkey.run(["audit", "head"], environment: environment)
    #expect(head.code == 0)
    let file = URL.temporaryDirectory.appending(path: "head-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try head.output.write(to: file, atomically: true, encoding: .utf8)

    let whole = await RunningLatchkey.run(["audit", "verify", "--head", file.path()], environment: environment)
    #expect(whole.code == 0)
    #expect(whole.output == "acme: 5 events, 0 of them erased in part, whole\n")

    let cutting = """
      DELETE FROM audit_particulars WHERE sequence = 5;
      DELETE FROM audit_events WHERE sequence = 5
      """
    try await SQLScript(cutting).run(on: TestDatabase.current.configuration)
    let cut = await RunningLatchkey.run(["audit", "verify", "--head", file.path()], environment: environment)
    #expect(cut.code == 1)
    #expect(cut.output.contains("acme: the chain does not end with event 5, as its head says\n"))
    #expect(cut.output.contains("acme: event 5 is not the one that was exported\n"))
  }

  @Test func noticesThatATenantsWholeAuditIsGone() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      for slug in ["acme", "globex"] { _ = try await Tenancy(slug, at: latchkey.address(of: "console")) }
    }
    let removal = ["audit_particulars", "audit_events", "audit_heads"].map {
      "DELETE FROM \($0) WHERE tenant_id = (SELECT id FROM tenants WHERE slug = 'acme')"
    }
    try await SQLScript(removal.joined(separator: ";")).run(on: TestDatabase.current.configuration)
    let verified = await RunningLatchkey.run(["audit", "verify"], environment: environment)
    #expect(verified.code == 1)
    #expect(verified.output.hasPrefix("acme: nothing is left of its audit\nglobex: 3 events"))

    // It is another matter where the tenant was there before its audit.
    try await SQLScript("UPDATE schema_migrations SET applied_at = now() WHERE number = 7").run(
      on: TestDatabase.current.configuration)
    let older = await RunningLatchkey.run(["audit", "verify"], environment: environment)
    #expect(older.code == 0)
    #expect(older.output.hasPrefix("acme: is older than the audit, which tells nothing of it yet\nglobex: 3 events"))
  }

  /// Heads that were exported before a tenant was deleted stay good for all others.
  @Test func acceptsThatADeletedTenantsAuditIsGone() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      for slug in ["acme", "globex"] { _ = try await Tenancy(slug, at: latchkey.address(of: "console")) }
    }
    let head = await RunningLatchkey.run(["audit", "head"], environment: environment)
    let file = URL.temporaryDirectory.appending(path: "head-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try head.output.write(to: file, atomically: true, encoding: .utf8)
    for arguments in [["tenant", "delete", "acme"], ["tenant", "delete", "acme", "--now"]] {
      #expect(await RunningLatchkey.run(arguments, environment: environment).code == 0)
    }
    let verify = ["audit", "verify", "--head", file.path()]
    let accepted = await RunningLatchkey.run(verify, environment: environment)
    #expect(accepted.code == 0)
    #expect(
      accepted.output == """
        installation: 1 events, 0 of them erased in part, whole
        acme: was deleted with its audit, as the installation's tells
        globex: 3 events, 0 of them erased in part, whole

        """)
    // Not where nothing tells of it.
    let removal = """
      DELETE FROM audit_events WHERE tenant_id = 'installation';
      DELETE FROM audit_heads WHERE tenant_id = 'installation'
      """
    try await SQLScript(removal).run(on: TestDatabase.current.configuration)
    let unaccounted = await RunningLatchkey.run(verify, environment: environment)
    #expect(unaccounted.code == 1)
    #expect(unaccounted.output.contains("acme: it is deleted, and the installation's audit does not tell of it\n"))
  }

  @Test func refusesAFileThatItDidNotWrite() async throws {
    let file = URL.temporaryDirectory.appending(path: "head-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "{}\n".write(to: file, atomically: true, encoding: .utf8)
    let environment = TestDatabase.current.configuration.environment
    let ending = await RunningLatchkey.run(["audit", "verify", "--head", file.path()], environment: environment)
    #expect(ending.code == 64)
  }
}
