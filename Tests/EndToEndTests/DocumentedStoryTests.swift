import Foundation
import Postgres
import TestPostgres
import Testing

/// The lines of `docs/authorization-story.md`, as they stand there.
@Suite(.database, .timeLimit(.minutes(10))) struct DocumentedStoryTests {
  /// A block of lines, and what they print.
  private struct Block {
    var lines: [Substring] = []
    var output = ""
  }

  private static let separator = "-- a block ends here --"

  @Test func isTrue() async throws {
    let blocks = try blocks()
    #expect(blocks.count == 7)
    let script = blocks.map { ($0.lines + ["echo '\(Self.separator)'"]).joined(separator: "\n") }
      .joined(separator: "\n")
    try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
      try await EchoBackend.with { backend in
        let output = try await Self.run(
          script,
          environment: [
            "CONSOLE": "http://\(latchkey.address(of: "console"))",
            "GATEWAY": "http://\(latchkey.address(of: "gateway"))", "BACKEND": backend.url,
          ])
        let parts = output.components(separatedBy: Self.separator + "\n")
        #expect(parts.dropLast() == blocks.map(\.output)[...], "\(output)")
      }
    }
  }

  /// Every block of `bash`, with the block of `text` behind it.
  private func blocks() throws -> [Block] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../docs/authorization-story.md")
    var (blocks, kind) = ([Block](), Substring?.none)
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        kind = kind == nil ? line.dropFirst(3) : nil
        if kind == "bash" { blocks.append(Block()) }
      } else if kind == "bash" {
        blocks[blocks.count - 1].lines.append(line)
      } else if kind == "text" {
        blocks[blocks.count - 1].output += line + "\n"
      }
    }
    return blocks
  }

  /// What a script prints, errors included.
  private static func run(_ script: String, environment: [String: String]) async throws -> String {
    let file = URL.temporaryDirectory.appending(path: "story-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: file.path(), contents: nil)
    defer { try? FileManager.default.removeItem(at: file) }
    let handle = try FileHandle(forWritingTo: file)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-euo", "pipefail", "-c", script]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    (process.standardOutput, process.standardError) = (handle, handle)
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    try handle.close()
    let output = try String(contentsOf: file, encoding: .utf8)
    #expect(status == 0, "\(output)")
    return output
  }
}
