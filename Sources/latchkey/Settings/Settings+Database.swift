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
