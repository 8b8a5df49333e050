import Logging
import Postgres
import ServiceLifecycle

/// Forgets what has served its time: changes that every node has long read, sessions that have ended, attempts that
/// do not count any more, answers that are no longer repeated, and nodes that have long been gone.
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

  private func prune() async {
    do {
      let pruned = try await pool.only(Query<Int64>("change.prune", "SELECT prune_changes()"))
      let ended = try await pool.only(Query<Int64>("session.prune", "SELECT prune_sessions()"))
      let answers = try await pool.only(
        Query<Int64>("idempotent_answer.prune", "SELECT prune_idempotent_answers()"))
      let attempts = try await pool.only(Query<Int64>("attempt.prune", "SELECT prune_attempts()"))
      let dead = try await pool.only(Query<Int64>("gateway_node.prune", "SELECT prune_gateway_nodes()"))
      logger.debug(
        "pruned",
        metadata: [
          "changes": "\(pruned)", "sessions": "\(ended)", "answers": "\(answers)", "attempts": "\(attempts)",
          "nodes": "\(dead)",
        ])
    } catch is CancellationError {
    } catch {
      logger.warning("could not prune", metadata: ["error": "\(error)"])
    }
  }
}
