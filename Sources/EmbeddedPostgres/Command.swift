import Glibc

/// A program to start, with nothing of our own environment, working directory or signals.
struct Command: Sendable {
  let program: String
  let arguments: [String]

  /// What of the environment a server program may depend on: messages in English, and none of the PG… variables.
  private static let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"]

  private static let env = "/usr/bin/env"
  /// `POSIX_SPAWN_SETSID`, which `<spawn.h>` shows to GNU sources only.
  private static let newSession: Int32 = 0x80

  init(_ program: String, _ arguments: [String]) {
    self.program = program
    self.arguments = arguments
  }

  /// Starts it in a session of its own, where a terminal's Ctrl-C does not reach it.
  /// - Parameters:
  ///   - input: The descriptor it reads, or nil for `/dev/null`.
  ///   - output: The descriptor it writes both its output and its errors to.
  func spawn(input: Int32? = nil, output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals that we block or ignore would stay so in the child.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var pid = pid_t()
    // Our working directory may be one that the server's user cannot enter.
    let code = withCStrings([Self.env, "--chdir=/", program] + arguments) { arguments in
      withCStrings(Self.environment) { posix_spawn(&pid, Self.env, &actions, &attributes, arguments, $0) }
    }
    guard code == 0 else {
      throw EmbeddedPostgresError(.system, "\(program) cannot be started: \(String(cString: strerror(code))).")
    }
    return pid
  }
}

/// Lends `strings` as a C array that ends with a null pointer.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
