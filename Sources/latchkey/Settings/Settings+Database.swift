import EmbeddedPostgres
import Postgres

extension Settings {
  /// The database that was given, if one was.
  /// - Throws: `SettingsError` if the connection string is none; it is not repeated, since it may hold a password.
  func database() throws -> PostgresConfiguration? {
    guard let databaseURL else { return nil }
    do {
      return try PostgresConfiguration(databaseURL)
    } catch {
      throw SettingsError(
        key: SettingKey.databaseURL.environmentName, reason: "its value is not a connection string that libpq takes")
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
