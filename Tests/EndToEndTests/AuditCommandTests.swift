import Contract
import Foundation
import Postgres
import TestPostgres
import Testing

/// The operator's way to check the audit, by the real binary.
@Suite(.database, .timeLimit(.minutes(2))) struct AuditCommandTests {
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

  @Test func refusesAFileThatItDidNotWrite() async throws {
    let file = URL.temporaryDirectory.appending(path: "head-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "{}\n".write(to: file, atomically: true, encoding: .utf8)
    let environment = TestDatabase.current.configuration.environment
    let ending = await RunningLatchkey.run(["audit", "verify", "--head", file.path()], environment: environment)
    #expect(ending.code == 64)
  }
}
