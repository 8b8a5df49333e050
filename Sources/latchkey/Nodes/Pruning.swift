import Logging
import Postgres
import ServiceLifecycle

/// Forgets what has served its time: changes that every node has long read, sessions that have ended, attempts that do not
/// count any more, answers that are no longer repeated, nodes that have long been gone, and keys and tenants whose deletion
/// was requested 30 days ago.
struct Pruning: Service {
  let pool: PostgresPool
  let logger: Logger
  var interval: Duration = .seconds(600)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        await prune()
        try await Task.sleep(for: interval)
      }
    }
  }

  private static let queries: [(what: String, query: Query<Int64>)] = [
    ("changes", Query("change.prune", "SELECT prune_changes()")),
    ("sessions", Query("session.prune", "SELECT prune_sessions()")),
    ("answers", Query("idempotent_answer.prune", "SELECT prune_idempotent_answers()")),
    ("attempts", Query("attempt.prune", "SELECT prune_attempts()")),
    ("nodes", Query("gateway_node.prune", "SELECT prune_gateway_nodes()")),
    ("tenants", Query("tenant.purge", "SELECT purge_tenants()")),
  ]

  private func prune() async {
    do {
      var counts: Logger.Metadata = [:]
      for (what, query) in Self.queries { counts[what] = "\(try await pool.only(query))" }
      counts["subscriptionKeys"] = "\(try await removeKeys())"
      logger.debug("pruned", metadata: counts)
    } catch is CancellationError {
    } catch {
      logger.warning("could not prune", metadata: ["error": "\(error)"])
    }
  }

  /// A thousand at a time, so that no transaction is long.
  private func removeKeys() async throws -> Int64 {
    var (sum, count): (Int64, Int64) = (0, 0)
    repeat {
      count = try await pool.only(Query<Int64>("subscription_key.prune", "SELECT prune_subscription_keys()"))
      sum += count
    } while count > 0
    return sum
  }
}
