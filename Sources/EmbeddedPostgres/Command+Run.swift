import Glibc

extension Command {
  /// What a command that ran to its end left.
  struct Result: Sendable {
    let status: ExitStatus
    let output: [String]
  }

  /// Runs it to its end. Blocks.
  /// - Parameter input: What it reads, short enough for a stream's buffer.
  func run(input: String = "") throws -> Result {
    let feed = try Pipe()
    let drain = try Pipe()
    feed.write(input)
    defer { close(feed.readEnd) }
    let pid: pid_t
    do {
      defer { close(drain.writeEnd) }
      pid = try spawn(input: feed.readEnd, output: drain.writeEnd)
    } catch {
      close(drain.readEnd)
      throw error
    }
    var output: [String] = []
    drain.readLines { output.append($0) }
    var status: Int32 = 0
    retryingInterrupts { waitpid(pid, &status, 0) }
    return Result(status: ExitStatus(waitStatus: status), output: output)
  }
}

/// How a process ended.
enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  /// Reads what `waitpid` stored: the signal in the low seven bits, else the code in the next eight (wait(2)).
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
  }

  var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}
