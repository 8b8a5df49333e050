import Console
import Node
import Postgres
import Store

/// Runs what a command of an operator does.
enum OperatorCommand {
  /// - Parameter wakesGateways: whether gateways have to hear of it at once.
  static func run<Value: Sendable>(
    _ options: SettingsOptions, wakesGateways: Bool = false, _ body: @Sendable (Operator) async throws -> Value
  ) async throws -> Value {
    let settings = try await options.settings()
    let passwords = try PasswordHasher()
    let value = try await OwnersPool.with(settings) { pool in
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
