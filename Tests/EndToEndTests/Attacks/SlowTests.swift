import Foundation
import TestWire
import Testing

extension AttackTests {
  /// Row 21 by a tool that others attack with: slowhttptest in each of its modes, more connections than a backend
  /// has of a gateway's, for six seconds. Everybody else is served meanwhile by the same backend.
  ///
  /// One mode at a time has a process to itself, since it measures what that grows by.
  @Suite(.serialized, .underAttack) struct SlowTests {
    enum Mode: String, CaseIterable {
      case headers = "-H"
      case body = "-B"
      case range = "-R"
      case read = "-X"

      var arguments: [String] {
        switch self {
        case .headers: ["-i", "1", "-x", "24"]
        case .body: ["-i", "1", "-x", "24", "-s", "8192"]
        case .range: ["-a", "5", "-b", "2000", "-t", "HEAD"]
        case .read: ["-k", "3", "-n", "1", "-w", "10", "-y", "20", "-z", "5"]
        }
      }
    }

    @Test(arguments: Mode.allCases) func servesOthersBesideSlowhttptest(mode: Mode) async throws {
      let target = AttackTarget.current
      try await target.withGroup(accessMode: "open", behaviour: .answersAtLength(1 << 18)) { attacked in
        try await target.withGroup { served in
          let before = try target.latchkey.residentMemory
          let url = "http://127.0.0.1:\(target.gatewayPort)\(attacked.path)/x"
          async let report = slowhttptest([mode.rawValue, "-u", url] + mode.arguments)
          let calls = try await callUntil(ContinuousClock.now + .seconds(5), served, attacked)
          #expect(calls > 1)
          let said = try await report
          // The probe has the attackers' address, and with it what they left of their share: nothing, with bodies.
          #expect(
            mode == .body || said.contains("service available") && !said.contains(/service available:[^A-Z]*NO/),
            "\(said.suffix(2000))")
          let grown = try target.latchkey.residentMemory - before
          #expect(grown < 256 << 20, "\(grown >> 20) MiB")
        }
      }
    }

    /// Calls from another address one after another, each of which must be answered well; gives their number.
    private func callUntil(_ end: ContinuousClock.Instant, _ groups: AttackedGroup...) async throws -> Int {
      var calls = 0
      while ContinuousClock.now < end {
        for group in groups {
          let answers = try await group.answers(to: group.request(), from: "127.0.0.2")
          #expect(answers.statuses == [200])
        }
        calls += 1
      }
      return calls
    }

    /// What the tool says.
    private func slowhttptest(_ arguments: [String]) async throws -> String {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["TERM=dumb", "slowhttptest", "-c", "1200", "-r", "600", "-l", "6", "-p", "10"] + arguments
      let file = URL.temporaryDirectory.appending(path: "slowhttptest-\(UUID().uuidString).log")
      _ = FileManager.default.createFile(atPath: file.path(), contents: nil)
      defer { try? FileManager.default.removeItem(at: file) }
      process.standardOutput = try FileHandle(forWritingTo: file)
      process.standardError = process.standardOutput
      try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
        process.terminationHandler = { _ in ended.resume() }
        do { try process.run() } catch { ended.resume(throwing: error) }
      }
      return try String(contentsOf: file, encoding: .utf8)
    }
  }
}
