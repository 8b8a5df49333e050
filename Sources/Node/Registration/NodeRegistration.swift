package import Logging
package import Model
package import Postgres
package import Routing
import ServiceLifecycle
import Synchronization

/// Makes a node known in the database: renews its lease, and confirms what all its event loops have in force and its disk
/// cannot take back.
///
/// It is registered before it first reads, so that whatever was committed before is in what it reads, and whoever
/// commits something later finds the node and waits for it. It withdraws when it serves nothing any more.
package actor NodeRegistration: Service {
  /// How a node registers.
  package struct Configuration: Sendable {
    /// After how long without the database the node refuses, whatever its lease.
    package var maximumAge: Duration
    /// How long a lease is, as the node counts it; the database adds ``margin``, by which its clock may be set forward.
    package var lease: Duration
    package var margin: Duration
    package var renewalInterval: Duration

    package init(
      maximumAge: Duration = .seconds(24 * 3600), lease: Duration = .seconds(8), margin: Duration = .seconds(1),
      renewalInterval: Duration = .seconds(2)
    ) {
      (self.maximumAge, self.lease, self.margin) = (maximumAge, lease, margin)
      self.renewalInterval = renewalInterval
    }
  }

  /// What the node is known by in the database.
  package nonisolated let id = ID<GatewayNode>.random()
  private let former: ID<GatewayNode>?
  private let keeper: SnapshotKeeper?
  private let cell: SnapshotCell
  private let pool: PostgresPool
  private let database: PostgresConfiguration
  private let configuration: Configuration
  private let logger: Logger
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Moment
  private let readings: AsyncStream<FollowedReading>
  private let reading: AsyncStream<FollowedReading>.Continuation

  /// What people know the node by, and whether it listens.
  private let presence: Mutex<(name: String, isListening: Bool)>
  private let latest = Mutex<FollowedReading?>(nil)
  private var lease: Lease
  /// What is in force, and will be after a restart from disk too.
  private var confirmable: FollowedReading?
  /// What the database was told of last.
  private var confirmed: FollowedReading? {
    didSet { if let confirmed { confirmedFrom.store(confirmed.begun.nanoseconds, ordering: .relaxed) } }
  }
  private let confirmedFrom = Atomic<Int64>(.min)
  private var isRenewalDue = true
  /// Whether those whose place it takes are forgotten.
  private var hasSucceeded = false
  private var failures = 0

  /// - Parameters:
  ///   - name: what people know the node by; of those that run, no other has it.
  ///   - cell: what the node decides by; its lease is kept here.
  ///   - pool: the follower's, which has one connection.
  ///   - database: where the pool's connections lead.
  ///   - keeper: keeps what later processes may start from, which the node speaks for until then.
  ///   - former: the node that spoke for what this process starts from.
  ///   - clock: measures the time between renewals.
  ///   - now: what the lease is counted in.
  package init(
    of cell: SnapshotCell, named name: String, in pool: PostgresPool, of database: PostgresConfiguration,
    keeper: SnapshotKeeper? = nil, after former: CountedNode? = nil, configuration: Configuration = Configuration(),
    logger: Logger, clock: any Clock<Duration> = ContinuousClock(),
    now: @escaping @Sendable () -> Moment = { Moment.now() }
  ) {
    (self.cell, self.pool, self.database, self.configuration) = (cell, pool, database, configuration)
    (self.logger, self.clock, self.now) = (logger, clock, now)
    presence = Mutex((name, false))
    (self.keeper, self.former) = (keeper, former?.id)
    let isRefusing = cell.lease.withoutLease == .refuse
    let servesUntil = isRefusing ? nil : former?.end(at: now())
    lease = Lease(
      duration: configuration.lease, grace: isRefusing ? .zero : configuration.maximumAge, servesUntil: servesUntil)
    if let servesUntil { cell.lease.serve(until: servesUntil) }
    (readings, reading) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes the first lease, before anything is read. Without the database it goes on trying in ``run()``.
  package func register() async {
    await renew()
  }

  /// The node serves, from now on under this name: whoever had it before does not any more.
  package nonisolated func listens(as name: String) {
    presence.withLock { $0 = (name, true) }
  }

  /// Something was read and published. Called by the follower, one reading after the other.
  package nonisolated func hasRead(_ followed: FollowedReading) {
    latest.withLock { $0 = followed }
    reading.yield(followed)
  }

  /// Lets the node decide by what was read, before there are event loops to wait for.
  package func begin() {
    if let reading = latest.withLock({ $0 }) { cameIntoForce(reading) }
  }

  /// How long ago began what the database was told is in force; nil before the first.
  package nonisolated var confirmationAge: Duration? {
    let begun = confirmedFrom.load(ordering: .relaxed)
    return begun == .min ? nil : BootTime(nanoseconds: begun).duration(to: now().boot)
  }

  /// Renews and confirms until the graceful shutdown, by which time nothing is served any more, and withdraws. When it
  /// is cancelled instead, a gateway that listens may still serve.
  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.keep() }
    if !Task.isCancelled { return await withdraw(from: pool) }
    guard !presence.withLock({ $0.isListening }) else { return }
    // Cancelled by now: a task of its own, waited for, has the last word.
    await Task { await self.abandon() }.value
  }

  /// Withdraws a node that never listened, by a connection of its own: the pool may be closed.
  package func abandon() async {
    try? await PostgresPool.withPool(database, logger: logger) { await withdraw(from: $0) }
  }
}

// MARK: - Following what is in force

extension NodeRegistration {
  private func keep() async {
    let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let (settlings, settling) = AsyncStream<FollowedReading>.makeStream(bufferingPolicy: .bufferingNewest(1))
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [clock, configuration] in
        while true {
          await self.oweRenewal()
          wake.yield()
          try await clock.sleep(for: configuration.renewalInterval)
        }
      }
      group.addTask { [cell, readings] in
        for await reading in readings {
          await cell.waitUntilInForce(reading.generation)
          try Task.checkCancellation()
          await self.cameIntoForce(reading)
          settling.yield(reading)
        }
      }
      // Apart, for what a call is decided by waits for no disk.
      group.addTask {
        for await reading in settlings {
          await reading.settle()
          try Task.checkCancellation()
          if await self.isSettled(reading) { wake.yield() }
        }
      }
      for await _ in wakes { await tell() }
      group.cancelAll()
    }
  }

  private func oweRenewal() { isRenewalDue = true }

  private func cameIntoForce(_ reading: FollowedReading) {
    lease.cameIntoForce(readFrom: reading.begun)
    extendLease()
  }

  /// - Returns: whether the database has to hear of it at once.
  private func isSettled(_ reading: FollowedReading) -> Bool {
    confirmable = reading
    if !hasSucceeded, speaksForDisk { isRenewalDue = true }
    return isRenewalDue || confirmed?.generation != reading.generation
  }

  private func extendLease() {
    if let expiry = lease.decidesUntil { cell.lease.extend(until: expiry) }
    if let end = lease.servesUntil { cell.lease.serve(until: end) }
  }
}

// MARK: - Telling the database

extension NodeRegistration {
  /// Short, for an answer that comes late renews nothing.
  private static let options = TransactionOptions(timeout: .seconds(2))

  private func tell() async {
    if isRenewalDue { await renew() } else { await confirm() }
  }

  /// The lease must outlive a crash of the server: one that it has forgotten the node would still count on.
  private func renew() async {
    let (asked, telling) = (now(), confirmable)
    let (name, isListening) = presence.withLock { $0 }
    let renewal = Query.renew(
      id, named: name, at: telling?.position, lease: configuration.lease + configuration.margin, refusal: refusal)
    do {
      isRenewalDue = false
      if isListening, speaksForDisk {
        try await pool.pipeline(
          Self.options, settings: ["synchronous_commit": "on"], renewal.affected,
          Query.succeed(by: id, named: name, after: former).affected)
        hasSucceeded = true
      } else {
        try await pool.pipeline(Self.options, settings: ["synchronous_commit": "on"], renewal.affected)
      }
      lease.granted(askedAt: asked.boot, answeredAt: now().boot)
      extendLease()
      keeper?.count(
        CountedNode(id: id, since: asked, duration: lease.grace == .zero ? .zero : configuration.lease + lease.grace))
      confirmed = telling
      noteSuccess()
    } catch {
      note(error)
    }
  }

  /// Whether nothing on disk relies on a former node's being known.
  private var speaksForDisk: Bool { keeper?.isMarked(as: id) ?? true }

  /// How long after a renewal the node refuses if no other follows.
  private var refusal: Duration {
    configuration.lease + configuration.margin + lease.grace
  }

  /// What is lost with a crash of the server here would only have to be confirmed again.
  private func confirm() async {
    guard let telling = confirmable else { return }
    do {
      let known = try await pool.pipeline(
        Self.options, settings: ["synchronous_commit": "off"], Query.confirm(telling.position, by: id).affected)
      if known == 1 { confirmed = telling } else { await renew() }
    } catch {
      note(error)
    }
  }

  private func withdraw(from pool: PostgresPool) async {
    let leave = Query.withdraw(id)
    let (name, isListening) = presence.withLock { $0 }
    if isListening, speaksForDisk {
      let succeed = Query.succeed(by: id, named: name, after: former)
      _ = try? await pool.pipeline(Self.options, succeed.affected, leave.affected)
    } else {
      _ = try? await pool.pipeline(Self.options, leave.affected)
    }
  }

  private func noteSuccess() {
    if failures > 0 { logger.notice("the node's lease is renewed again") }
    failures = 0
  }

  private func note(_ error: any Error) {
    guard !(error is CancellationError) else { return }
    failures += 1
    logger.log(
      level: failures == 1 ? .warning : .debug, "the node's lease cannot be renewed",
      metadata: [
        "error": "\(error)", "attempts": "\(failures)", "without.lease": "\(cell.lease.withoutLease.rawValue)",
      ])
  }
}
