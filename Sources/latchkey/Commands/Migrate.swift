import ArgumentParser
import Logging

/// Applies what is pending of `sql/`.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Set up the database and apply pending migrations.")

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await options.settings()
    let logger = ProcessLog.start(level: settings.logLevel)
    let database = try await settings.reachableDatabase()
    try await DatabaseSetup(given: database, logger: logger).migrate()
  }
}
