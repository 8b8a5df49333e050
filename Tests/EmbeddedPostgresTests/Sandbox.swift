import FoundationEssentials
import Glibc
import InMemoryLogging
import Logging
import Testing

@testable import EmbeddedPostgres

/// A directory that a test fills and that goes away with it, and what is needed to run servers in it.
final class Sandbox: Sendable {
  let root: String
  let logs = InMemoryLogHandler()

  /// - Parameter mode: 0711 lets the server's user walk through, 0700 does not.
  init(mode: mode_t = 0o711) throws {
    var template = Array("/tmp/embedded-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(chmod(root, mode) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Has what a shell would stumble over.
  var dataDirectory: String { root + "/the data's place" }
  var cluster: String { dataDirectory + "/postgres" }

  /// A configuration with everything inside the sandbox.
  var configuration: Configuration {
    var configuration = Configuration(dataDirectory: dataDirectory)
    configuration.systemDirectory = root + "/system"
    configuration.sharedBuffers = "16MB"
    configuration.maxConnections = 10
    return configuration
  }

  /// A logger that keeps everything, the server's own lines included.
  var logger: Logger {
    var handler = logs
    handler.logLevel = .trace
    return Logger(label: "embedded") { _ in handler }
  }

  func makeServer() -> EmbeddedPostgres { EmbeddedPostgres(configuration: configuration, logger: logger) }

  /// Runs `body` with a started server, and stops it whatever happens.
  func withServer<Result: Sendable>(_ body: (Endpoint) async throws -> Result) async throws -> Result {
    let server = makeServer()
    let endpoint = try await server.start()
    do {
      let result = try await body(endpoint)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  /// What a server that runs just for it answers to a statement.
  func query(_ sql: String) async throws -> String {
    try await withServer { try await $0.query(sql) }
  }

  var logText: String { logs.entries.map { "\($0.message) \($0.metadata)" }.joined(separator: "\n") }
}

extension Endpoint {
  /// What `psql` answers to a statement, one row a line.
  func query(_ sql: String) async throws -> String {
    let result = try await psql(sql)
    try #require(result.status == .exited(0), "\(result.output)")
    return result.output.joined(separator: "\n")
  }

  func psql(_ sql: String, as connectionString: String? = nil) async throws -> Command.Result {
    let command = Command("/usr/bin/psql", ["-XAtq", "-c", sql, connectionString ?? self.connectionString])
    return try await DedicatedThread.run { try command.run() }
  }
}

/// Looks until `isTrue`, at most a minute; then the test fails.
func eventually(
  _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ isTrue: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while try await !isTrue() {
    try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Goes on as the unprivileged system user that owns servers, if this process is root. For processes of their own.
func becomeUnprivileged() throws {
  guard geteuid() == 0, let user = ServerUser(named: "postgres") else { return }
  try #require(setgroups(0, nil) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0)
}

/// For processes of their own, whose log nobody reads.
let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }

let isRoot = geteuid() == 0
