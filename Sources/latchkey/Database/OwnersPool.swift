import Logging
import Postgres

/// Connections of the login that sees and changes everything of every tenant, for an operator's command.
enum OwnersPool {
  /// - Parameter timeout: of a statement; nil keeps the usual one.
  /// - Throws: `SettingsError`, `DatabaseError`, `PostgresError`, and what `body` throws.
  static func with<Value: Sendable>(
    _ settings: Settings, timeout: Duration? = nil, _ body: @Sendable (PostgresPool) async throws -> Value
  ) async throws -> Value {
    let logger = ProcessLog.start(level: max(settings.logLevel, .warning))
    var owner = try await DatabaseSetup(given: settings.reachableDatabase(), logger: logger).owner()
    if let timeout { owner.statementTimeout = timeout }
    return try await PostgresPool.withPool(owner, logger: logger) { try await body($0) }
  }
}
