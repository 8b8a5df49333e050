import Glibc
import Synchronization

/// A running `postgres`: a child with a thread that waits for its end and one that reads what it reports.
final class ServerProcess: Sendable {
  let pid: pid_t
  private let startedAt = ContinuousClock.now
  private let outcome = Outcome<Ending>()
  private let logEnd: Outcome<Void>
  private let reaped = Mutex(false)

  private init(pid: pid_t, logEnd: Outcome<Void>) {
    self.pid = pid
    self.logEnd = logEnd
  }

  /// How it ended, and how long it had run.
  struct Ending: Sendable {
    let status: ExitStatus
    let uptime: Duration
  }

  /// How it ended, or nil while it runs.
  var exit: ExitStatus? { outcome.current?.status }

  /// Waits for its end; nil when the waiting task was cancelled first.
  func waitForEnding() async -> Ending? { await outcome.value() }

  /// Starts `command`.
  ///
  /// The thread that starts it stays until it ends, because the kernel sends a child its parent-death signal
  /// when the *thread* that made it ends (prctl(2), `PR_SET_PDEATHSIG`).
  static func start(_ command: Command, onLine: @escaping @Sendable (String) -> Void) async throws -> ServerProcess {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try DedicatedThread.start { launch(command, onLine: onLine, then: continuation) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private static func launch(
    _ command: Command, onLine: @escaping @Sendable (String) -> Void,
    then continuation: CheckedContinuation<ServerProcess, any Error>
  ) {
    let process: ServerProcess
    do {
      let log = try Pipe()
      defer { close(log.writeEnd) }
      let logEnd = Outcome<Void>()
      try DedicatedThread.start {
        log.readLines(onLine)
        logEnd.settle(())
      }
      process = ServerProcess(pid: try command.spawn(output: log.writeEnd), logEnd: logEnd)
    } catch {
      return continuation.resume(throwing: error)
    }
    continuation.resume(returning: process)
    process.reap()
  }

  /// Waits for the end, and only then gives the pid back, so that no signal of ours reaches its next holder.
  private func reap() {
    var info = siginfo_t()
    retryingInterrupts { waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) }
    var status: Int32 = 0
    reaped.withLock { reaped in
      retryingInterrupts { waitpid(pid, &status, 0) }
      reaped = true
    }
    let uptime = startedAt.duration(to: .now)
    // So that its last words are known with its end; a helper that outlives it may keep the log open.
    _ = Deadline(.seconds(1)).wait { logEnd.current != nil }
    outcome.settle(Ending(status: ExitStatus(waitStatus: status), uptime: uptime))
  }

  /// Sends it a signal, unless it has ended.
  func signal(_ signal: Int32) {
    reaped.withLock { reaped in
      if !reaped { kill(pid, signal) }
    }
  }

  /// Stops it: a fast shutdown, then an immediate one, then the end of it. Cancellation does not interrupt it.
  func stop(fast: Duration, immediate: Duration) async throws {
    try await DedicatedThread.run { [self] in
      for (request, patience) in [(SIGINT, fast), (SIGQUIT, immediate), (SIGKILL, .seconds(5))] {
        signal(request)
        if Deadline(patience).wait(until: { exit != nil }) { return }
      }
    }
  }
}
