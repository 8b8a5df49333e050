import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// Several at once under one `Idempotency-Key`, and processes that die in between.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct IdempotencyRaceTests {
  private static let group: JSONValue = ["name": "Pets", "prefix": "pets", "accessMode": "open"]

  @Test func refusesASecondWhileTheFirstIsBeingDone() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      try await api.holdingBackGroups { blocker in
        async let first = api.once("k", .post, "/api-groups", as: owner, Self.group)
        _ = try await api.waitingBackend()
        let second = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
        #expect(second.status == 409)
        #expect(second.code == "idempotency_in_progress")
        // Another key is not kept waiting by this one.
        #expect(try await api.once("other", .post, "/subscription-keys", as: owner, ["name": "A"]).status == 201)
        blocker.release()
        #expect(try await first.status == 201)
      }
      #expect(try await api.once("k", .post, "/api-groups", as: owner, Self.group).isReplayed)
      #expect(try await api.send(.get, "/api-groups", as: owner).items.count == 1)
    }
  }

  @Test func makesOneOfManyAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "globex")
      let answers = try await withThrowingTaskGroup { tasks in
        for _ in 0..<24 {
          tasks.addTask { try await api.once("k", .post, "/subscription-keys", as: owner, ["name": "A"]) }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      let made = answers.filter { $0.status == 201 && !$0.isReplayed }
      #expect(made.count == 1)
      for answer in answers where answer.status != 201 { #expect(answer.code == "idempotency_in_progress") }
      #expect(Set(answers.filter { $0.status == 201 }.map(\.id)).count == 1)
      #expect(try await api.send(.get, "/subscription-keys", as: owner).items.count == 1)
    }
  }

  /// The change and the answer to it are one transaction: there is no moment between them in which to die.
  @Test func keepsTheAnswerInTheTransactionOfTheChange() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      _ = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      let transactions = try await api.database.all(
        Query<Int64>(
          "test.transactions",
          "SELECT xmin::text::bigint FROM api_groups UNION ALL SELECT xmin::text::bigint FROM idempotent_answers"))
      #expect(transactions.count == 2)
      #expect(Set(transactions).count == 1)
    }
  }

  @Test func repeatsToWhoeverNeverGotTheAnswer() async throws {
    let owner = try await Harness.answeringNobody { api in
      let owner = try await api.owner(of: "acme")
      _ = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      return owner
    }
    try await Harness.run { api in
      let again = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      #expect(again.status == 201)
      #expect(again.isReplayed)
      let groups = try await api.send(.get, "/api-groups", as: owner).items
      #expect(groups.map { $0["id"] } == [again["id"]])
    }
  }

  @Test func makesItAnewAfterADeathBeforeTheCommit() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      try await api.holdingBackGroups { blocker in
        async let first = api.once("k", .post, "/api-groups", as: owner, Self.group)
        let backend = try await api.waitingBackend()
        _ = try await api.database.only(Query<Bool>("test.kill", "SELECT pg_terminate_backend(\(backend)::integer)"))
        #expect(try await first.status == 503)
        blocker.release()
      }
      #expect(try await api.answers.isEmpty)
      let again = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      #expect(again.status == 201)
      #expect(!again.isReplayed)
      #expect(try await api.send(.get, "/api-groups", as: owner).items.count == 1)
    }
  }
}

/// What keeps others from changing groups.
private struct Blocker: Sendable {
  let continuation: AsyncStream<Void>.Continuation
  func release() { continuation.finish() }
}

extension Harness {
  /// Runs `body` while nobody else gets at the groups, until the blocker is released.
  fileprivate func holdingBackGroups(_ body: @Sendable (Blocker) async throws -> Void) async throws {
    let (held, hold) = AsyncStream<Void>.makeStream()
    let (released, release) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        try await database.transaction { transaction in
          try await transaction.execute(Query<Void>("test.lock_groups", "LOCK TABLE api_groups IN EXCLUSIVE MODE"))
          hold.finish()
          for await _ in released {}
        }
      }
      for await _ in held {}
      defer { release.finish() }
      try await body(Blocker(continuation: release))
      release.finish()
      try await tasks.waitForAll()
    }
  }

  /// The backend that waits for a lock.
  fileprivate func waitingBackend() async throws -> Int64 {
    while true {
      let waiting = try await database.first(
        Query<Int64>(
          "test.waiting_backend",
          """
          SELECT pid::bigint FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND usename = 'latchkey_console'
          """))
      if let waiting { return waiting }
    }
  }

  /// Runs an installation that ends without its answers having been read.
  fileprivate static func answeringNobody(
    _ body: @escaping @Sendable (Harness) async throws -> Caller
  ) async throws -> Caller {
    let (callers, found) = AsyncStream<Caller>.makeStream()
    try await run { api in found.yield(try await body(api)) }
    found.finish()
    for await caller in callers { return caller }
    throw CancellationError()
  }
}
