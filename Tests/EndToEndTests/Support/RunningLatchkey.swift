import Foundation
import Synchronization

/// The real binary as a process of its own, on free ports of loopback.
final class RunningLatchkey: Sendable {
  /// How a process ended, and what it said.
  struct Ending: Sendable {
    let code: Int32
    let output: String
  }

  /// What listens in a process of each role.
  private static let listeners = [
    "all": ["console", "gateway", "internal"], "console": ["console"], "gateway": ["gateway", "internal"],
  ]

  private let process: Child
  private let listeners = Mutex<[String: String]>([:])

  /// `HOST:PORT` of a listener: `console`, `gateway` or `internal`.
  func address(of listener: String) -> String {
    listeners.withLock { $0[listener]! }
  }

  /// All that it has logged so far.
  var log: String { process.output }
  var pid: Int32 { process.pid }

  /// Bytes of memory that it has, by `/proc`.
  var residentMemory: Int {
    get throws {
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
      return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }
  }

  /// Runs `latchkey serve` for as long as `body` runs, from when everything that `role` serves is listening.
  /// - Parameter launcher: a program that becomes the binary.
  static func with<Result>(
    role: String = "all", environment: [String: String], launcher: [String] = [],
    _ body: (RunningLatchkey) async throws -> Result
  ) async throws -> Result {
    let folder = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let running = RunningLatchkey(
      role: role, environment: ["LATCHKEY_DATA_DIR": folder.path()].merging(environment) { $1 },
      launcher: launcher)
    do {
      try await running.waitForListeners(listeners[role]!)
      let result = try await body(running)
      _ = await running.process.stop(SIGTERM)
      return result
    } catch {
      _ = await running.process.stop(SIGKILL)
      throw error
    }
  }

  /// Runs the binary until it ends by itself, for which the test's time limit is the deadline.
  static func run(_ arguments: [String], environment: [String: String] = [:]) async -> Ending {
    let file = URL.temporaryDirectory.appending(path: "latchkey-\(UUID().uuidString).log")
    _ = FileManager.default.createFile(atPath: file.path(), contents: nil)
    defer { try? FileManager.default.removeItem(at: file) }
    let folder = file.deletingPathExtension()
    defer { try? FileManager.default.removeItem(at: folder) }
    let child = Child(
      arguments: arguments, environment: ["LATCHKEY_DATA_DIR": folder.path()].merging(environment) { $1 },
      output: file)
    let code = await child.waitForEnd()
    return Ending(code: code, output: (try? String(contentsOf: file, encoding: .utf8)) ?? "")
  }

  private init(role: String, environment: [String: String], launcher: [String]) {
    var environment = environment
    for listener in ["CONSOLE", "GATEWAY", "INTERNAL"] where environment["LATCHKEY_\(listener)_ADDRESS"] == nil {
      environment["LATCHKEY_\(listener)_ADDRESS"] = "127.0.0.1:0"
    }
    process = Child(arguments: ["serve", "--role", role], environment: environment, launcher: launcher)
  }

  func stop(_ signal: Int32) async -> Int32 { await process.stop(signal) }

  private func waitForListeners(_ names: [String]) async throws {
    for await line in process.lines {
      for match in line.matches(of: /address=(\S+) .*listener=(\S+)/) {
        listeners.withLock { $0[String(match.2)] = String(match.1) }
      }
      for match in line.matches(of: /gateway=(\S+) internal=(\S+)/) {
        listeners.withLock { ($0["gateway"], $0["internal"]) = (String(match.1), String(match.2)) }
      }
      if listeners.withLock({ known in names.allSatisfy { known[$0] != nil } }) { return }
    }
    throw NotStarted(output: log)
  }

  struct NotStarted: Error, CustomStringConvertible {
    let output: String
    var description: String { "latchkey ended before it listened, saying: \(output)" }
  }
}
