import Foundation
import Logging
import Metering
import Model
import Postgres
import TestPostgres
import Testing

@testable import Node

/// What gateways count, on its way to the database and there.
@Suite(.migrated, .timeLimit(.minutes(10)))
struct UsageKeeperTests {
  private let installation = Installation()

  /// A keeper with a data directory of its own, and what it keeps for.
  private struct Setup {
    let keeper: UsageKeeper
    let spool: UsageSpool
    let log: UsageLog
    let node: TestNode
    let directory: String
  }

  private func with(capacity: Int = 256 << 20, _ body: (Setup) async throws -> Void) async throws {
    let directory = NSTemporaryDirectory() + "latchkey-usage-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      try await body(setup(in: directory, of: node, capacity: capacity))
    }
  }

  /// As a process has it that begins in this directory.
  private func setup(in directory: String?, of node: TestNode, capacity: Int = 256 << 20) async -> Setup {
    let (log, logger) = (UsageLog(), Logger(label: "test"))
    let spool = UsageSpool(in: directory, capacity: capacity, log: log, logger: logger)
    await spool.start()
    return Setup(
      keeper: UsageKeeper(log, in: spool, to: node.pool, logger: logger), spool: spool, log: log, node: node,
      directory: directory ?? "")
  }

  /// Counts calls that are alike.
  private func count(
    _ requests: Int, _ outcome: CallOutcome = .admitted, secret: SecretDigest? = nil, in table: inout UsageTable
  ) {
    let key = UsageKey(
      group: installation.group, environment: .online, api: nil, secret: secret ?? installation.secret.digest,
      outcome: outcome)
    let call = MeteredCall(
      key, of: installation.provider, by: nil, status: 200, bytesIn: 10, bytesOut: 20, duration: 2048)
    for _ in 0..<requests { table.count(call, endedAt: 1_750_000_020_000_000) }
  }

  private func table(_ requests: Int) -> UsageTable {
    var table = UsageTable()
    count(requests, in: &table)
    return table
  }

  private func count(
    _ requests: Int, minute: Int64 = 1_750_000_020, _ outcome: CallOutcome = .admitted, in log: UsageLog
  ) {
    var table = UsageTable()
    count(requests, outcome, in: &table)
    log.add(&table, minute: minute)
  }

  /// What one side has in all, of what came lately and of each level's sums of everything.
  private func sums(_ side: String = "provider", on node: TestNode) async throws -> [Int64] {
    try await node.database.all(
      Query<Int64>(
        "test.sums",
        """
        SELECT coalesce(sum(requests), 0)::bigint FROM usage_recent WHERE side = \(side)
        UNION ALL SELECT coalesce(sum(requests), 0)::bigint FROM usage_minutes WHERE side = \(side) AND dimensions = 0
        UNION ALL SELECT coalesce(sum(requests), 0)::bigint FROM usage_hours WHERE side = \(side) AND dimensions = 0
        UNION ALL SELECT coalesce(sum(requests), 0)::bigint FROM usage_days WHERE side = \(side) AND dimensions = 0
        """))
  }

  private func rollUp(_ node: TestNode) async throws {
    while try await node.database.only(Query<Int64>("test.roll_up", "SELECT roll_up_usage()")) > 0 {}
  }

  private func texts(_ query: Query<String>, on node: TestNode) async throws -> [String] {
    try await node.database.all(query)
  }

  @Test func tellsBothPartiesAndAddsItUpOnce() async throws {
    try await with { setup in
      count(3, in: setup.log)
      count(2, minute: 1_750_000_080, in: setup.log)
      await setup.keeper.keep()
      count(4, in: setup.log)
      await setup.keeper.keep()
      await setup.keeper.tell()
      for side in ["caller", "provider"] {
        #expect(try await sums(side, on: setup.node) == [9, 0, 0, 0])
      }
      try await rollUp(setup.node)
      await setup.keeper.tell()
      try await rollUp(setup.node)
      for side in ["caller", "provider"] {
        #expect(try await sums(side, on: setup.node) == [0, 9, 9, 9])
      }
      let rows = try await texts(
        Query(
          "test.hours",
          """
          SELECT concat_ws(' ', tenant_id, side, own_id, other_id, part_id, requests, bytes_in, bytes_out, duration,
            latencies / 10::numeric ^ 240)
          FROM usage_hours WHERE dimensions = 7 ORDER BY side
          """), on: setup.node)
      let (key, group) = (installation.key.description, installation.group.description)
      #expect(
        rows.map { $0.replacing(/\.0+$/, with: "") } == [
          "\(installation.caller) caller \(key) \(group) \(installation.secretID) 9 90 180 18432 9",
          "\(installation.provider) provider \(group) \(key)  9 90 180 18432 9",
        ])
      let files = try FileManager.default.contentsOfDirectory(atPath: setup.directory + "/usage")
      #expect(files.isEmpty)
    }
  }

  /// An answer that is lost on its way leaves the teller not knowing: it tells again.
  @Test func countsOnceWhatIsToldTwice() async throws {
    try await with { setup in
      try await setup.spool.append(table(5))
      for segment in await setup.spool.take(all: true) {
        try await segment.forEachBatch { sequence, rows in
          for isNew in [true, false] {
            let told = try await setup.node.pool.pipeline(
              Query.record(rows, by: segment.node, as: sequence).only)
            #expect(told == isNew)
          }
        }
      }
      await setup.keeper.tell()
      #expect(try await sums(on: setup.node)[0] == 5)
    }
  }

  @Test func tellsWhatAnEarlierProcessLeft() async throws {
    try await with { setup in
      try await setup.spool.append(table(5))
      try await setup.spool.append(table(1))
      // The process ends here, within a third record.
      let folder = setup.directory + "/usage"
      let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
      let handle = try #require(FileHandle(forWritingAtPath: "\(folder)/\(name)"))
      try handle.seekToEnd()
      try handle.write(contentsOf: UsageRecord.bytes(of: table(7).rows).dropLast(3))
      try handle.close()
      let next = await self.setup(in: setup.directory, of: setup.node)
      #expect(next.spool.byteCount > 0)
      count(10, in: next.log)
      await next.keeper.keep()
      await next.keeper.tell()
      #expect(try await sums(on: setup.node)[0] == 16)
      #expect(next.spool.byteCount == 0)
    }
  }

  @Test func losesNothingWhileTheDatabaseRefuses() async throws {
    try await with { setup in
      let node = setup.node
      try await node.database.execute(Query<Void>("test.break", "ALTER TABLE usage_recent RENAME TO usage_gone"))
      for _ in 0..<3 {
        count(2, in: setup.log)
        await setup.keeper.keep()
        await setup.keeper.tell()
      }
      try await node.database.execute(Query<Void>("test.mend", "ALTER TABLE usage_gone RENAME TO usage_recent"))
      await setup.keeper.tell()
      #expect(try await sums(on: node)[0] == 6 && setup.log.lost == 0)
    }
  }

  /// The oldest goes first, and is said to be gone.
  @Test func keepsNoMoreThanItIsToldTo() async throws {
    try await with(capacity: UsageRecord.bytes(of: table(1).rows).count * 2) { setup in
      for requests in [1, 2, 4] {
        try await setup.spool.append(table(requests))
        _ = await setup.spool.take(all: true)
      }
      await setup.keeper.tell()
      #expect(try await sums(on: setup.node)[0] == 6 && setup.log.lost == 1)
    }
  }

  @Test func worksWithoutADirectory() async throws {
    try await TestNode.with { node in
      try await installation.create(on: node.database)
      let setup = await setup(in: nil, of: node)
      count(3, in: setup.log)
      await setup.keeper.keep()
      await setup.keeper.tell()
      #expect(try await sums(on: node)[0] == 3)
    }
  }

  @Test func tellsMoreRowsThanOneStatementTakes() async throws {
    try await with { setup in
      let minutes = 2 * UsageSegment.batchSize + 1
      for minute in 0..<Int64(minutes) { count(1, minute: 1_750_000_020 + 60 * minute, in: setup.log) }
      await setup.keeper.keep()
      await setup.keeper.tell()
      #expect(try await sums(on: setup.node)[0] == Int64(minutes))
      try await rollUp(setup.node)
      #expect(try await sums(on: setup.node).dropFirst().allSatisfy { $0 == Int64(minutes) })
    }
  }

  /// What is alike is put together however many kinds there are, in the same batches each time.
  @Test(arguments: [true, false]) func putsTogetherMoreKindsThanAreHeldAtOnce(onDisk: Bool) async throws {
    let directory = NSTemporaryDirectory() + "latchkey-usage-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let spool = UsageSpool(
      in: onDisk ? directory : nil, log: UsageLog(capacity: 0), logger: Logger(label: "test"))
    let secrets = (0..<2 * UsageShare.capacity + 100).map { _ in SecretValue.random().digest }
    for _ in 0..<2 {
      for some in stride(from: 0, to: secrets.count, by: UsageTable.capacity) {
        let kinds = secrets[some..<min(some + UsageTable.capacity, secrets.count)]
        try await spool.append(kinds.reduce(into: UsageTable()) { count(1, secret: $1, in: &$0) })
      }
    }
    let segment = try #require(await spool.take(all: true).first)
    var tellings: [[Int64: Set<SecretDigest>]] = []
    for _ in 0..<2 {
      var batches: [Int64: Set<SecretDigest>] = [:]
      try await segment.forEachBatch { sequence, rows in
        #expect(rows.allSatisfy { $0.counts.requests == 2 && $0.counts.bytesIn == 20 })
        batches[sequence] = Set(rows.compactMap(\.key.secret))
      }
      tellings.append(batches)
    }
    #expect(tellings[0] == tellings[1])
    #expect(tellings[0].values.reduce(0) { $0 + $1.count } == secrets.count)
    #expect(tellings[0].values.reduce(Set()) { $0.union($1) } == Set(secrets))
    #expect(try segment.requests() == Int64(2 * secrets.count))
  }

  /// A provider learns of a key that is no good that it is none, and no more; its owner learns all.
  @Test func tellsAProviderNothingOfABadKey() async throws {
    try await with { setup in
      let reasons: [CallOutcome.Reason] = [.keyDisabled, .keyExpired, .tenantSuspended]
      for reason in reasons + [.notAuthorized] { count(1, .refused(reason), in: setup.log) }
      await setup.keeper.keep()
      await setup.keeper.tell()
      let query: (StaticString, SQL) -> Query<String> = { name, side in
        Query(name, "SELECT concat_ws(' ', reason, other_id) FROM usage_recent WHERE side = \(side) ORDER BY 1")
      }
      let provider = try await texts(query("test.provider", "'provider'"), on: setup.node)
      #expect(provider == ["keyNotValid ", "keyNotValid ", "keyNotValid ", "notAuthorized \(installation.key)"])
      let caller = try await texts(query("test.caller", "'caller'"), on: setup.node)
      let group = installation.group.description
      #expect(
        caller == ["keyDisabled \(group)", "keyExpired \(group)", "notAuthorized \(group)", "tenantSuspended \(group)"])
    }
  }

  @Test func countsForNowWhereTheNodesClockIsAhead() async throws {
    try await with { setup in
      count(1, minute: 4_000_000_020, in: setup.log)
      await setup.keeper.keep()
      await setup.keeper.tell()
      let isNow = try await setup.node.database.only(
        Query<Bool>(
          "test.now", "SELECT bool_and(starts_at <= now() AND last_called_at <= now()) FROM usage_recent"))
      #expect(isNow)
    }
  }

  @Test func dropsPartitionsWhoseTimeIsOver() async throws {
    try await with { setup in
      let today = Int64(Date().timeIntervalSince1970) / 86_400 * 86_400
      for minute in [today, today - 20 * 86_400, 1_600_000_020] { count(1, minute: minute, in: setup.log) }
      await setup.keeper.keep()
      await setup.keeper.tell()
      try await rollUp(setup.node)
      #expect(try await sums(on: setup.node) == [0, 3, 3, 3])
      let dropped = try await setup.node.database.only(Query<Int64>("test.prune", "SELECT prune_usage()"))
      #expect(dropped == 4)
      #expect(try await sums(on: setup.node) == [0, 1, 2, 2])
      let more = try await setup.node.database.only(
        Query<Int64>("test.prune_more", "SELECT prune_usage('1 day', '10 days', '10 years')"))
      // The hours of 20 days ago are kept by the month.
      let isMonthOver = try await setup.node.database.only(
        Query<Bool>(
          "test.month",
          """
          SELECT (date_trunc('month', to_timestamp(\(today - 20 * 86_400)) AT TIME ZONE 'UTC') + interval '1 month')
            AT TIME ZONE 'UTC' <= now() - interval '10 days'
          """))
      #expect(more == (isMonthOver ? 1 : 0))
      #expect(try await sums(on: setup.node) == [0, 1, isMonthOver ? 1 : 2, 2])
    }
  }

  @Test func aGatewayReadsNoUsage() async throws {
    try await with { setup in
      for query: Query<Int64> in [
        Query("test.recent", "SELECT count(*) FROM usage_recent"),
        Query("test.minutes", "SELECT count(*) FROM usage_minutes"),
        Query("test.senders", "SELECT count(*) FROM usage_senders"), Query("test.up", "SELECT roll_up_usage()"),
      ] {
        let error = await #expect(throws: PostgresError.self) { try await setup.node.pool.only(query) }
        #expect(error?.sqlState == "42501")
      }
    }
  }
}
