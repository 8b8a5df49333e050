package import Logging
package import Metering
package import Model
package import Postgres
import ServiceLifecycle
import Synchronization

/// Leases what the gateway may let through of limits from the ledger in the database, and tells it what became of it.
///
/// One call is under way at a time, and asks for all that was wanted while the one before was: under load many subjects
/// share a round trip.
package struct LimitLedger: Service {
  /// On which nodes are told that others want what they hold of a subject.
  package static let channel = "latchkey_recalls"

  /// What a crash of the server forgot would be let through twice, so each lease is on disk before it counts. Short, since
  /// calls wait for it: who waits longer is answered without the ledger.
  private static let options = TransactionOptions(timeout: .seconds(1))
  /// How many subjects one call settles at most: it takes the database some tenths of a millisecond for each, and who waits
  /// does so for 50 ms.
  private static let batchSize = 64
  /// How long it waits where all that is wanted is yet to be given back.
  private static let recallPause = Duration.milliseconds(2)
  /// How often all that was let through is told, wanted or not.
  private static let settlingInterval = Duration.seconds(1)
  /// After how long a subject that nobody calls is forgotten.
  private static let idleTime = Duration.seconds(600)

  /// After how long without an answer the ledger is asked for nothing, so that its connection and its plans are there
  /// before a call waits for them.
  private static let warmTime = Duration.seconds(30)

  private let node: ID<GatewayNode>
  private let allowances: Allowances
  private let pool: PostgresPool
  private let listener: PostgresListener
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> BootTime
  private let lastAnswer = LastAnswer()

  /// - Parameters:
  ///   - node: by which the database knows that what is leased is not lost.
  ///   - pool: logs in as `latchkey_gateway`; its own, for calls wait for it, and nothing else is to be waited for.
  ///   - listener: on ``channel``; its events are read here and nowhere else.
  package init(
    of allowances: Allowances, as node: ID<GatewayNode>, in pool: PostgresPool, recalledBy listener: PostgresListener,
    logger: Logger,
    clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> BootTime = { BootTime.now() }
  ) {
    (self.allowances, self.node, self.pool, self.listener) = (allowances, node, pool, listener)
    (self.logger, self.clock, self.now) = (logger, clock, now)
  }

  /// Asks for what is wanted until the graceful shutdown, by which time nothing is let through any more, and gives back
  /// what is left.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.keep() }
    guard let batch = allowances.leave(at: now()) else { return }
    // Cancelled by now: a task of its own, waited for, has the last word.
    await Task { await self.ask(batch) }.value
  }

  private func keep() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.hearRecalls() }
      group.addTask { await self.settleNowAndThen() }
      group.addTask { await self.keepWarm() }
      for await _ in allowances.wishes {
        while !Task.isCancelled {
          if let batch = allowances.nextBatch(ofAtMost: Self.batchSize, at: now()) {
            await ask(batch)
          } else if allowances.wantsAnything {
            // Others are giving back what is wanted.
            try? await clock.sleep(for: Self.recallPause)
          } else {
            break
          }
        }
      }
      group.cancelAll()
    }
  }

  private func hearRecalls() async {
    for await event in listener.events {
      guard case .notification(let notification) = event,
        let recall = Recall(notification.payload), recall.node != node.description
      else { continue }
      allowances.recall(recall.subject)
    }
  }

  private func settleNowAndThen() async {
    while (try? await clock.sleep(for: Self.settlingInterval)) != nil {
      let now = now()
      allowances.settle(idleSince: now - Self.idleTime, at: now)
    }
  }

  private func keepWarm() async {
    repeat {
      if lastAnswer.moment.withLock({ $0.map { $0 <= now() - Self.warmTime } ?? true }) { _ = try? await lease([]) }
    } while (try? await clock.sleep(for: Self.settlingInterval)) != nil
  }

  private func ask(_ batch: Allowances.Batch) async {
    let asked = now()
    guard !batch.requests.isEmpty else { return batch.answered([], at: asked) }
    do {
      let rows = try await lease(batch.requests)
      let answered = now()
      var answers = [LedgerAnswer](repeating: .unlimited, count: batch.requests.count)
      for row in rows where answers.indices.contains(row.place) {
        answers[row.place] = row.answer(askedAt: asked, answeredAt: answered)
      }
      batch.answered(answers, at: answered)
    } catch {
      batch.failed()
      if !(error is CancellationError) {
        logger.debug("limits cannot be leased", metadata: ["error": "\(error)"])
      }
    }
  }

  private func lease(_ requests: [LedgerRequest]) async throws -> [LedgerRow] {
    do {
      let rows = try await pool.pipeline(
        Self.options, settings: ["synchronous_commit": "on"], Query.leaseLimits(requests, by: node).all)
      lastAnswer.moment.withLock { $0 = now() }
      return rows
    } catch {
      lastAnswer.moment.withLock { $0 = nil }
      throw error
    }
  }
}

/// When the ledger answered last; nil when it did not.
private final class LastAnswer: Sendable {
  let moment = Mutex<BootTime?>(nil)
}

/// What one node wants of what others hold.
private struct Recall {
  let node: String
  let subject: LimitedSubject

  /// Reads the node's id, then the subject's parts, as `lease_limits` writes them.
  init?(_ payload: String) {
    let parts = payload.split(separator: " ").map(String.init)
    guard parts.count == 4 || parts.count == 5, let provider = ID<Tenant>(parts[1]), let group = ID<APIGroup>(parts[2]),
      let environment = DeploymentEnvironment(rawValue: parts[3])
    else { return nil }
    let key = parts.count == 5 ? ID<SubscriptionKey>(parts[4]) : nil
    guard parts.count == 4 || key != nil else { return nil }
    node = parts[0]
    subject = LimitedSubject(provider: provider, group: group, environment: environment, key: key)
  }
}

/// What the ledger says of one request.
private struct LedgerRow: Sendable {
  /// Which request, from 0 on.
  let place: Int
  private let loan: (start: Int64, length: Int64, rest: Int64, held: Int64, remaining: Int64, elsewhere: Int64)?

  init(_ row: inout Row) throws {
    place = try row.next(Int.self) - 1
    guard try row.next(Bool.self) else {
      loan = nil
      return
    }
    loan = (
      try row.next(), try row.next(), try row.next(), try row.next(), try row.next(), try row.next()
    )
  }

  func answer(askedAt: BootTime, answeredAt: BootTime) -> LedgerAnswer {
    guard let loan else { return .unlimited }
    let window = LentWindow(
      start: loan.start, length: .microseconds(loan.length), remaining: .microseconds(loan.rest), askedAt: askedAt,
      answeredAt: answeredAt)
    return .lent(
      LedgerAnswer.Loan(window: window, held: loan.held, remaining: loan.remaining, elsewhere: loan.elsewhere))
  }
}

extension Query<LedgerRow> {
  fileprivate static func leaseLimits(_ requests: [LedgerRequest], by node: ID<GatewayNode>) -> Query {
    Query(
      "limits.lease",
      """
      SELECT place, is_limited, window_start, window_length, window_rest, held, remaining, elsewhere
      FROM lease_limits(\(node.description), \(requests.map(\.subject.provider.description)),
        \(requests.map(\.subject.group.description)), \(requests.map(\.subject.environment.rawValue)),
        \(requests.map { $0.subject.key?.description ?? "" }), \(requests.map(\.period.rawValue)),
        \(requests.map { $0.window?.start ?? .min }), \(requests.map(\.spent)), \(requests.map(\.returned)),
        \(requests.map(\.urgent)), \(requests.map(\.ahead)))
      """
    ) { row in
      try LedgerRow(&row)
    }
  }
}
