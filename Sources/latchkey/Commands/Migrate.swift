import ArgumentParser
import EmbeddedPostgres
import Logging
import Postgres

/// Applies what is pending of `sql/`.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Set up the database and apply pending migrations.")

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await options.settings()
    let logger = ProcessLog.start(level: settings.logLevel)
    let running = try EmbeddedPostgres.runningConnectionString(dataDirectory: settings.dataDirectory)
    guard let database = try settings.database() ?? running.map({ try PostgresConfiguration($0) }) else {
      throw SettingsError(
        key: SettingKey.databaseURL.environmentName,
        reason: "is not set, and no private server runs on '\(settings.dataDirectory)'")
    }
    try await DatabaseSetup(given: database, logger: logger).migrate()
  }
}
