import Logging
import Postgres
import ServiceLifecycle

/// Forgets what has served its time: changes that every node has long read, sessions that have ended, attempts that do not
/// count any more, answers that are no longer repeated, nodes that have long been gone, what was counted of limits in windows long
/// over, usage that is kept no longer, and keys and tenants whose deletion was requested 30 days ago.
struct Pruning: Service {
  let pool: PostgresPool
  let usageRetention: UsageRetention
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

  private struct Job {
    let what: String
    let query: Query<Int64>
    /// Whether a call does a part of it only, and gives 0 when nothing is left.
    var isInSteps = false
  }

  private var jobs: [Job] { Self.jobs + [usageJob] }

  private var usageJob: Job {
    let kept = [usageRetention.minutes, usageRetention.hours, usageRetention.days].map { $0.components.seconds }
    return Job(
      what: "usage",
      query: Query(
        "usage.prune",
        """
        SELECT prune_usage(
          make_interval(secs => \(kept[0])), make_interval(secs => \(kept[1])), make_interval(secs => \(kept[2])))
        """))
  }

  private static let jobs = [
    Job(what: "changes", query: Query("change.prune", "SELECT prune_changes()")),
    Job(what: "sessions", query: Query("session.prune", "SELECT prune_sessions()")),
    Job(what: "answers", query: Query("idempotent_answer.prune", "SELECT prune_idempotent_answers()")),
    Job(what: "attempts", query: Query("attempt.prune", "SELECT prune_attempts()")),
    Job(what: "limits", query: Query("limit.prune", "SELECT prune_limits()")),
    Job(what: "nodes", query: Query("gateway_node.prune", "SELECT prune_gateway_nodes()")),
    Job(
      what: "subscriptionKeys", query: Query("subscription_key.prune", "SELECT prune_subscription_keys()"),
      isInSteps: true),
    Job(what: "tenants", query: Query("tenant.purge", "SELECT purge_tenants()"), isInSteps: true),
  ]

  /// More than a call's, since nobody waits for it.
  private static let options = TransactionOptions(timeout: .seconds(60))
  /// After how many failures on end a job that is done in steps is given up for now: the next step may be another tenant's.
  private static let maximumFailures = 10

  /// Does every job, whatever becomes of the others, for as long as the database answers.
  private func prune() async {
    var counts: Logger.Metadata = [:]
    for job in jobs {
      guard let count = await perform(job) else { return }
      counts[job.what] = "\(count)"
    }
    logger.debug("pruned", metadata: counts)
  }

  /// Gives how many rows, or steps, that was; nil where the database cannot be reached.
  private func perform(_ job: Job) async -> Int64? {
    var sum: Int64 = 0
    var (failure, onEnd): ((any Error)?, Int) = (nil, 0)
    while !Task.isCancelled {
      do {
        let count = try await pool.pipeline(Self.options, job.query.only)
        (sum, onEnd) = (sum + count, 0)
        if !job.isInSteps || count == 0 { break }
      } catch is CancellationError {
        break
      } catch {
        (failure, onEnd) = (error, onEnd + 1)
        if !job.isInSteps || !Self.isRefusal(error) || onEnd == Self.maximumFailures { break }
      }
    }
    guard let failure else { return sum }
    logger.warning("could not prune", metadata: ["what": "\(job.what)", "error": "\(failure)"])
    return Self.isRefusal(failure) ? sum : nil
  }

  /// Whether it was the server that refused.
  private static func isRefusal(_ error: any Error) -> Bool {
    (error as? PostgresError)?.server != nil
  }
}
