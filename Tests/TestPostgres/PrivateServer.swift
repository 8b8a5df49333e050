import Foundation
import Glibc
package import Postgres

/// A PostgreSQL server of our own, on a Unix socket in a short private directory, gone with this process.
///
/// A shell is its parent and its watchdog: when our end of its standard input closes, which happens however this
/// process dies, it stops the server and removes the directory.
package actor PrivateServer {
  private let directory: String
  private let ownsDisk: Bool
  private var arguments: [String]
  /// The TCP port on 127.0.0.1; nil when it listens on its socket alone.
  package nonisolated let port: Int?
  private var watchdog: ChildProcess?

  /// The superuser's access, to the database `postgres`.
  package nonisolated let configuration: PostgresConfiguration

  /// The server's data directory.
  package nonisolated var dataDirectory: String { directory + "/data" }

  /// What the server has written to its log.
  package nonisolated var logFile: String { directory + "/log" }

  /// Makes and starts a server.
  ///
  /// - Parameters:
  ///   - settings: as in `postgresql.conf`.
  ///   - listensOnTCP: whether it is also on a free port of 127.0.0.1, without a password.
  ///   - diskMegabytes: gives it a disk of its own of this size; for root only.
  package static func start(
    settings: [String: String] = [:], listensOnTCP: Bool = false, diskMegabytes: Int? = nil
  ) async throws -> PrivateServer {
    let directory = try await makePrivateDirectory()
    if let diskMegabytes { try SmallDisk.mount(on: directory, megabytes: diskMegabytes) }
    let server = try await PrivateServer(
      in: directory, ownsDisk: diskMegabytes != nil, settings: settings, port: listensOnTCP ? freePort() : nil)
    try await server.start()
    return server
  }

  private init(in directory: String, ownsDisk: Bool, settings: [String: String], port: Int?) async throws {
    (self.directory, self.ownsDisk, self.port) = (directory, ownsDisk, port)
    var settings = settings.merging(Self.settings) { own, _ in own }
    settings["unix_socket_directories"] = directory
    settings["listen_addresses"] = port == nil ? "" : "127.0.0.1"
    if let port { settings["port"] = String(port) }
    arguments = ["-D", directory + "/data"] + settings.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    configuration = try PostgresConfiguration("host=\(directory) port=\(port ?? 5432) user=postgres dbname=postgres")
    try await Command.run([
      Installation.path("initdb"), "-D", directory + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
      "--locale=C.UTF-8", "--no-sync", "--no-instructions",
    ])
  }

  /// Fast, since nothing of it has to survive; small, since many may run at once.
  private static let settings = [
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB",
    "max_connections": "200", "max_wal_size": "256MB", "autovacuum": "off", "logging_collector": "off",
    "log_min_messages": "fatal",
  ]

  /// Starts the server again after ``stop()``, and waits until it answers.
  ///
  /// - Parameter settings: what is to be set besides, from now on.
  package func start(settings: [String: String] = [:]) async throws {
    guard watchdog == nil else { return }
    arguments += settings.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    watchdog = try ChildProcess(Self.watchdogScript, arguments: [directory, Installation.path("postgres")] + arguments)
    try await ready()
  }

  /// Stops the server as a crash would: clients are cut off, nothing is written.
  package func stop() async {
    await watchdog?.tell("stop\n")
    watchdog = nil
  }

  /// Stops the server and removes its data; there is no way back.
  package func remove() async {
    await stop()
    if ownsDisk { SmallDisk.unmount(directory) }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Stops every process of the server from running, without ending it: connections stay open and nobody answers.
  package func pause() throws { try signal(SIGSTOP) }

  /// Lets a paused server go on.
  package func resume() throws { try signal(SIGCONT) }

  /// The processes a signal has to reach: the postmaster first, so that it starts no others meanwhile.
  private func signal(_ number: Int32) throws {
    let postmaster = try postmaster()
    kill(postmaster, number)
    for process in children(of: postmaster) { kill(process, number) }
  }

  private func postmaster() throws -> Int32 {
    let file = try String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8)
    guard let process = file.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw CommandError(description: "no postmaster")
    }
    return process
  }

  private func ready() async throws {
    let deadline: ContinuousClock.Instant = .now + .seconds(60)
    while true {
      do {
        return try await SQLScript("SELECT 1").run(on: configuration)
      } catch {
        guard .now < deadline, watchdog?.isRunning == true else {
          let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
          throw CommandError(description: "\(error); the server said: \(log.suffix(1000))")
        }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  /// $1 the directory, $2 the program, then its arguments. The first line read, or the end of the input, stops it.
  private static let watchdogScript = """
    trap '' INT HUP TERM
    directory=$1 program=$2
    shift 2
    "$program" "$@" </dev/null >>"$directory/log" 2>&1 &
    server=$!
    if read -r word; then keep=yes; else keep=no; fi
    kill -CONT "$server" 2>/dev/null
    kill -QUIT "$server" 2>/dev/null
    wait "$server"
    [ "$keep" = yes ] || rm -rf "$directory"
    """
}

/// A port nobody has now; whoever asks next gets another.
private func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
    }
  }
  guard code == 0 else { throw CommandError(description: "no free port: errno \(errno)") }
  return Int(UInt16(bigEndian: address.sin_port))
}

/// The processes whose parent is `parent`, from `/proc/*/stat`: after the name in parentheses, state and parent.
private func children(of parent: Int32) -> [Int32] {
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return entries.compactMap { Int32($0) }.filter { process in
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return false }
    return stat[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) } == parent
  }
}
