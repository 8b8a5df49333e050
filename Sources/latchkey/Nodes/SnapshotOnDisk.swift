import Gateway
import Logging
import Node
import Postgres
import Routing
import ServiceLifecycle

/// What a node keeps of its snapshot in the data directory, and starts from with the database away.
struct SnapshotOnDisk {
  let keeper: SnapshotKeeper
  /// What was kept before; nil when there is nothing to start from.
  let stored: SnapshotKeeper.Stored?

  /// Takes the data directory's snapshot of this database. Where that is not possible the node works without one, and
  /// the log says so.
  static func open(in directory: String, of database: PostgresConfiguration?, logger: Logger) async -> SnapshotOnDisk? {
    do {
      let keeper = try SnapshotKeeper(in: directory, of: origin(database), logger: logger, now: { .now() })
      return SnapshotOnDisk(keeper: keeper, stored: await keeper.load())
    } catch {
      logger.warning("the snapshot cannot be kept on disk", metadata: ["error": "\(error)"])
      return nil
    }
  }

  /// Which database was given: where it is, not who asks.
  private static func origin(_ database: PostgresConfiguration?) -> String {
    guard let database else { return "embedded" }
    return ["user", "sslmode", "target_session_attrs"].reduce(database) { $0.setting($1, to: nil) }.description
  }
}

/// Readies a database that was away when the process started, as soon as it is back.
struct LateDatabaseSetup: Service {
  let setup: DatabaseSetup
  let roles: NodeRoles
  let logger: Logger
  var interval: Duration = .seconds(1)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while !(await isDone()) { try await Task.sleep(for: interval) }
    }
    try? await gracefulShutdown()
  }

  private func isDone() async -> Bool {
    guard await setup.isReachable() else { return false }
    do {
      _ = try await setup.connections(for: roles)
      return true
    } catch {
      logger.error("the database cannot be readied", metadata: ["error": "\(error)"])
      return false
    }
  }
}
