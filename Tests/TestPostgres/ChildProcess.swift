import Glibc
import Synchronization

/// A shell script run as the system user that may run PostgreSQL, with a pipe as its standard input.
final class ChildProcess: Sendable {
  private let process: pid_t
  private let input: Int32
  private let exitCode = Mutex<Int32?>(nil)

  /// Between making a pipe and marking it, another thread's child would inherit it, and keep it open.
  private static let spawning = Mutex(())

  /// - Parameter output: where what it prints goes, if not nowhere.
  init(_ script: String, arguments: [String], output: Int32? = nil) throws {
    let command = Installation.asServerUser + ["/bin/sh", "-c", "cd /\n" + script, "sh"] + arguments
    (process, input) = try Self.spawning.withLock { _ in
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw CommandError(description: "pipe: errno \(errno)") }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      defer { close(ends[0]) }
      do {
        return (try spawn(command, input: ends[0], output: output), ends[1])
      } catch {
        close(ends[1])
        throw error
      }
    }
  }

  deinit { close(input) }

  /// Whether it has not ended yet.
  var isRunning: Bool { poll() == nil }

  /// Writes to its standard input and waits for its end.
  func tell(_ text: String) async {
    _ = text.withCString { write(input, $0, strlen($0)) }
    await ended()
  }

  /// Waits for its end.
  ///
  /// - Returns: the exit code, or 128 when a signal ended it.
  @discardableResult
  func ended() async -> Int32 {
    while true {
      if let code = poll() { return code }
      // A cancelled test still waits for what it started.
      try? await ContinuousClock().sleep(for: .milliseconds(5))
    }
  }

  /// The exit code, once it has ended; it is asked of the system only once, since the number may be reused then.
  private func poll() -> Int32? {
    exitCode.withLock { exitCode in
      var status: Int32 = 0
      if exitCode == nil, waitpid(process, &status, WNOHANG) == process {
        exitCode = status & 0x7f == 0 ? (status >> 8) & 0xff : 128
      }
      return exitCode
    }
  }
}

private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

/// posix_spawn_file_actions_addclosefrom_np(3), which the Swift module of the C library leaves out.
private let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
  unsafeBitCast($0, to: CloseFrom.self)
}

/// Starts a program in a process group of its own, so that an interrupt at the terminal leaves it to clean up.
private func spawn(_ command: [String], input: Int32, output: Int32?) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, input, 0)
  // Whoever reads what this process prints must not have to wait for the child's end too.
  if let output {
    posix_spawn_file_actions_adddup2(&actions, output, 1)
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
  }
  posix_spawn_file_actions_adddup2(&actions, 1, 2)
  // PostgreSQL counts what is open against its own, and does not start where a test holds a thousand connections.
  _ = closeFrom?(&actions, 3)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // The threads of the cooperative pool block signals, which a child would inherit, and its shell never see its own end.
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

  var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
  let variables = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
  var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
  defer { (arguments + environment).forEach { free($0) } }
  var process = pid_t()
  let code = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &environment)
  guard code == 0 else { throw CommandError(description: "\(command[0]) cannot be started: errno \(code)") }
  return process
}
