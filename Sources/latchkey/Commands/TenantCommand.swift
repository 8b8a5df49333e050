import ArgumentParser
import EmbeddedPostgres
import Logging
import Postgres

/// What an operator, who holds the database's login, does about tenants.
struct TenantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tenant", abstract: "Look after tenants, as who holds the database's login.", subcommands: [List.self])

  /// Prints one line for each: slug, state and name.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List all tenants: slug, state, name.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let settings = try await options.settings()
      let logger = ProcessLog.start(level: max(settings.logLevel, .warning))
      let owner = try await DatabaseSetup(given: settings.reachableDatabase(), logger: logger).owner()
      let query = Query<String>(
        "tenant.lines", "SELECT slug || E'\\t' || state || E'\\t' || name FROM tenants ORDER BY slug")
      for line in try await PostgresPool.withPool(owner, logger: logger, { try await $0.all(query) }) { print(line) }
    }
  }
}

extension Settings {
  /// The database that was given, or the private server's while it runs.
  /// - Throws: `SettingsError` when there is neither.
  func reachableDatabase() async throws -> PostgresConfiguration {
    if let given = try database() { return try await given.resolved() }
    guard let running = try EmbeddedPostgres.runningConnectionString(dataDirectory: dataDirectory) else {
      throw SettingsError(
        key: SettingKey.databaseURL.environmentName,
        reason: "is not set, and no private server runs on '\(dataDirectory)'")
    }
    return try PostgresConfiguration(running)
  }
}
