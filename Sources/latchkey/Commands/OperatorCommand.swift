import Console
import Node
import Postgres
import Store

/// Runs what a command of an operator does.
enum OperatorCommand {
  /// - Parameters:
  ///   - wakesGateways: whether gateways have to hear of it at once.
  ///   - timeout: of a statement; nil keeps the usual one.
  static func run<Value: Sendable>(
    _ options: SettingsOptions, wakesGateways: Bool = false, timeout: Duration? = nil,
    _ body: @Sendable (Operator) async throws -> Value
  ) async throws -> Value {
    let settings = try await options.settings()
    let passwords = try PasswordHasher()
    let value = try await OwnersPool.with(settings, timeout: timeout) { pool in
      let value = try await body(
        Operator(store: Store(pool: pool), passwords: passwords, ownHosts: settings.ownHosts))
      if wakesGateways {
        try await pool.execute(Query<Void>("change.notify", "SELECT pg_notify(\(SnapshotFollower.channel), '')"))
      }
      return value
    }
    try await passwords.close()
    return value
  }
}
