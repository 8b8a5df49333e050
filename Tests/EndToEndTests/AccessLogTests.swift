import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// The access log of the real binary.
@Suite(.timeLimit(.minutes(10))) struct AccessLogTests {
  @Test(.database) func isWrittenToAFileThatMayBeMovedAway() async throws {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, moved) = (folder.appending(path: "calls").path(), folder.appending(path: "calls.1").path())
    let environment = TestDatabase.current.configuration.environment
      .merging(["LATCHKEY_ACCESS_LOG": "full", "LATCHKEY_ACCESS_LOG_FILE": file]) { $1 }
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let gateway = "http://\(latchkey.address(of: "gateway"))"
      #expect(try await Caller.call(.GET, "\(gateway)/acme/online/before/x?secret").status == 404)
      let first = try await lines(of: file, 1)
      #expect(first.map { $0["path"] } == ["/acme/online/before/x"])
      try FileManager.default.moveItem(atPath: file, toPath: moved)
      #expect(kill(latchkey.pid, SIGHUP) == 0)
      while !FileManager.default.fileExists(atPath: file) { await Task.yield() }
      #expect(try await Caller.call(.GET, "\(gateway)/acme/online/after/x").status == 404)
      #expect(try await lines(of: file, 1).map { $0["path"] } == ["/acme/online/after/x"])
      #expect(try await lines(of: moved, 1).count == 1)
    }
  }

  /// The lines of a file, once there are so many.
  private func lines(of file: String, _ count: Int) async throws -> [JSONValue] {
    while true {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      if text.count(where: { $0 == "\n" }) >= count {
        return try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
