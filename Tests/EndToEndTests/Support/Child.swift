import Foundation
import Synchronization

/// A child process whose standard error is kept and can be followed line by line.
final class Child: Sendable {
  let lines: AsyncStream<String>
  private let process: Process
  private let transcript = Transcript()

  /// Starts the binary beside this test's with no setting of ours but those given.
  /// - Parameters:
  ///   - launcher: a program that becomes the binary, which is its last argument.
  ///   - file: takes what it says, to be read when it has ended; without one it can be followed.
  init(arguments: [String], environment: [String: String], launcher: [String] = [], output file: URL? = nil) {
    let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let command = launcher + [folder.appending(path: "latchkey").path()] + arguments
    process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("LATCHKEY_") && !$0.key.hasPrefix("PG") }
      .merging(environment) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    let (lines, line) = AsyncStream<String>.makeStream()
    self.lines = lines
    if let file {
      let handle = try? FileHandle(forWritingTo: file)
      (process.standardOutput, process.standardError) = (handle, handle)
    } else {
      process.standardError = Self.followed(transcript, line)
    }
    do { try process.run() } catch { preconditionFailure("\(process.executableURL!): \(error)") }
  }

  /// A pipe whose lines go to both as they come.
  private static func followed(_ transcript: Transcript, _ line: AsyncStream<String>.Continuation) -> Pipe {
    let pipe = Pipe()
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      guard !data.isEmpty else {
        handle.readabilityHandler = nil
        return line.finish()
      }
      for whole in transcript.append(String(decoding: data, as: UTF8.self)) { line.yield(whole) }
    }
    return pipe
  }

  var output: String { transcript.text }
  var pid: Int32 { process.processIdentifier }

  /// The exit code, or the signal that ended it; when the task is cancelled, as by a test's time limit, it is killed.
  ///
  /// Asks the system: Foundation waits for the end of a socket, which a process started meanwhile may hold as well.
  func waitForEnd() async -> Int32 {
    while true {
      if let code = exitCode { return code }
      if Task.isCancelled { kill(pid, SIGKILL) }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Nil while it runs. It is left for Foundation to reap.
  private var exitCode: Int32? {
    var information = siginfo_t()
    guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      return process.isRunning ? nil : process.terminationStatus
    }
    let child = information._sifields._sigchld
    return child.si_pid == 0 ? nil : child.si_status
  }

  func stop(_ signal: Int32) async -> Int32 {
    if let code = exitCode { return code }
    kill(pid, signal)
    return await waitForEnd()
  }
}

/// What a process has said so far, from any thread.
private final class Transcript: Sendable {
  private let state = Mutex((text: "", rest: ""))

  var text: String { state.withLock { $0.text } }

  /// Takes what was read next, and gives the lines that it completes.
  func append(_ new: String) -> [String] {
    state.withLock { state in
      state.text += new
      let parts = (state.rest + new).split(separator: "\n", omittingEmptySubsequences: false)
      state.rest = String(parts.last ?? "")
      return parts.dropLast().map(String.init)
    }
  }
}
