import Foundation
import Logging
import Postgres

/// The server that this process's tests share, and the templates prepared on it.
actor TestCluster {
  static let shared = TestCluster()
  static let logger = Logger(label: "test")

  private struct Server {
    let configuration: PostgresConfiguration
    /// Keeps the server running, if it is ours.
    var ownServer: PrivateServer?
    /// Drops this process's databases when it ends, if the server is not ours.
    var sweeper: ChildProcess?
  }

  private var server: Task<Server, any Error>?
  private var templates: [String: Task<String, any Error>] = [:]
  private var cloned = 0
  /// Tells this process's databases from those of others on the same server.
  private let prefix = "t\(ProcessInfo.processInfo.processIdentifier)_\(UInt32.random(in: 0 ... .max))"

  /// Clones the template, preparing it first if nobody has.
  func makeDatabase(from template: DatabaseTrait.Template) async throws -> TestDatabase {
    let source = try await name(of: template)
    cloned += 1
    let name = "\(prefix)_\(cloned)"
    let administration = try await administration()
    // The names are our own: letters, digits and underscores.
    try await SQLScript("CREATE DATABASE \(name) TEMPLATE \(source)").run(on: administration)
    return TestDatabase(configuration: administration.replacing(database: name))
  }

  func drop(_ database: TestDatabase) async throws {
    guard let name = database.configuration.database else { return }
    try await remove(name)
  }

  /// Drops a database and whoever is still connected to it, also when the test has been cancelled.
  private func remove(_ name: String) async throws {
    let administration = try await administration()
    try await Task { try await SQLScript("DROP DATABASE IF EXISTS \(name) WITH (FORCE)").run(on: administration) }.value
  }

  private func administration() async throws -> PostgresConfiguration {
    // A task shared by all tests that ask at once; cancelling one of them must not take it from the others.
    let task = server ?? Task { [prefix] in try await Self.startServer(prefix: prefix) }
    server = task
    return try await task.value.configuration
  }

  private func name(of template: DatabaseTrait.Template) async throws -> String {
    if let task = templates[template.key] { return try await task.value }
    let name = "\(prefix)_template_\(templates.count)"
    let task = Task {
      let administration = try await self.administration()
      try await SQLScript("CREATE DATABASE \(name) TEMPLATE template0").run(on: administration)
      try await template.prepare(administration.replacing(database: name))
      return name
    }
    templates[template.key] = task
    return try await task.value
  }

  private static func startServer(prefix: String) async throws -> Server {
    if let url = ProcessInfo.processInfo.environment["LATCHKEY_TEST_DATABASE_URL"], !url.isEmpty {
      return Server(
        configuration: try PostgresConfiguration(url),
        sweeper: try ChildProcess(sweep, arguments: [url, prefix, Installation.path("psql")]))
    }
    let own = try await PrivateServer.start()
    return Server(configuration: own.configuration, ownServer: own)
  }

  /// Waits for this process's end, then drops what it left: the templates, and more if it was killed.
  private static let sweep = """
    trap '' INT HUP TERM
    read -r word
    "$3" "$1" -Atc "SELECT datname FROM pg_database WHERE starts_with(datname, '$2')" | while read -r name; do
      "$3" "$1" -qc "DROP DATABASE IF EXISTS $name WITH (FORCE)"
    done
    """
}
