import Contract
import Foundation
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

/// Every statement says itself whose rows it means: with no policy to do so for it, it finds and changes as much beside
/// rows of the very same ids as without them, and nothing by the ids and digests of another tenant's things.
@Suite(.latchkeyWithoutPolicies, .serialized, .timeLimit(.minutes(10)))
struct TwinStatementTests {
  private func run(
    _ body: @escaping @Sendable (Twins, PostgresPool, [CataloguedTable]) async throws -> Void
  ) async throws {
    try await Twins.run { twins in
      let tables = try await Catalogue.tables()
      try await TestDatabase.current.withPool(maximumConnections: 1) { try await body(twins, $0, tables) }
    }
  }

  @Test func findsAndChangesItsOwnTenantsAlone() async throws {
    try await run { twins, pool, tables in
      let holder = try await twins.holder(of: twins.own, twins.acme)
      let trials = holder.named + holder.unnamed
      var alone: [StatementTrial.Outcome] = []
      for trial in trials {
        var outcome = try await trial.outcome(for: holder.tenant, of: tables, on: pool)
        #expect(outcome.error == nil && !outcome.changesStrangers, "\(trial.name): \(outcome)")
        #expect(trial.finds.map { $0 == outcome.count } ?? (outcome.count > 0), "\(trial.name): \(outcome.count)")
        // Ids and times that it makes itself are new each time.
        outcome.isRepeatable =
          try await trial.outcome(for: holder.tenant, of: tables, on: pool).rows == outcome.rows
        alone.append(outcome)
      }
      try await twins.bear()
      // Those of one id are found by it in no other way than through functions of one exact value.
      try await Catalogue.run(
        "SET session_replication_role = replica; UPDATE subscription_keys SET deleted_at = NULL")
      for (trial, alone) in zip(trials, alone) {
        let outcome = try await trial.outcome(for: holder.tenant, of: tables, on: pool)
        #expect(outcome.isAs(alone), "\(trial.name) \(trial.before): \(outcome), not \(alone)")
      }
    }
  }

  @Test func findsAndChangesNothingByWhatOthersHave() async throws {
    try await run { twins, pool, tables in
      let holder = try await twins.holder(of: twins.foreign, twins.globex)
      for trial in holder.named {
        let outcome = try await trial.outcome(for: twins.acme.tenant, of: tables, on: pool)
        #expect(outcome.error == nil && !outcome.changesStrangers, "\(trial.name)")
        #expect(outcome.count == 0, "\(trial.name)")
      }
    }
  }

  /// What a deployment takes up of a quota is what its own tenant's revision has in it.
  @Test func weighsItsOwnTenantsRevision() async throws {
    try await run { twins, pool, _ in
      try await twins.bear()
      let group = "/api-groups/\(twins.own["groupId"] ?? "")"
      let version = try #require(
        try await twins.api.send(.get, "\(group)/revisions", as: twins.acme).items.first?["version"]?.text)
      let release: JSONValue = [
        "version": .string(version), "environment": "test",
        "backend": ["type": "mock", "status": 200, "headers": [:], "body": ""],
      ]
      let answer = try await twins.api.send(.post, "\(group)/deployments", as: twins.acme, release)
      #expect(answer.status == 201, "\(answer.text)")
      let counts = try await pool.run(
        DynamicSQL.texts(
          """
          SELECT concat_ws(' ', d.api_count, count(*))
          FROM deployments d
          JOIN revision_apis a ON a.tenant_id = d.tenant_id AND a.revision_id = d.revision_id
          WHERE d.tenant_id = '\(twins.acme.tenant)' AND d.environment = 'test'
          GROUP BY d.id, d.api_count
          """))
      #expect(!counts.isEmpty && counts.allSatisfy { $0.split(separator: " ")[0] == $0.split(separator: " ")[1] })
    }
  }

  /// A tenant that has just begun is told so, whatever others have.
  @Test func tellsABeginnerOfNoOther() async throws {
    try await run { _, pool, _ in
      let beginner = ID<Tenant>.random()
      let progress = try await pool.pipeline(
        settings: ["latchkey.tenant_id": beginner.description], StoryProgresses.find(in: beginner))
      #expect(
        progress
          == StoryProgress(
            hasKey: false, isAuthorized: false, hasCalled: false, hasGroup: false, hasAPI: false, isLive: false,
            isAuthorizable: false, hasAuthorized: false))
    }
  }

  /// A key's only secret is no other one than before, whatever secrets others have of a key of that id.
  @Test func callsNoKeyRotatedForWhatOthersHave() async throws {
    try await run { twins, pool, _ in
      try await twins.bear()
      let (tenant, key) = (twins.acme.tenant, twins.own["subscriptionKeyId"] ?? "")
      try await Catalogue.run(
        "SET session_replication_role = replica; DELETE FROM subscription_secrets WHERE tenant_id = '\(tenant)'")
      let answer = try await twins.api.send(.post, "/subscription-keys/\(key)/secrets", as: twins.acme)
      #expect(answer.status == 201, "\(answer.text)")
      let rotated = try await pool.run(
        DynamicSQL.texts(
          "SELECT (rotated_at IS NOT NULL)::text FROM subscription_keys WHERE tenant_id = '\(tenant)' AND id = '\(key)'"
        ))
      #expect(rotated == ["false"])
    }
  }

  /// Whoever is a tenant's last owner is told so, whatever owners others have.
  @Test func knowsTheLastOwnerOfOneTenant() async throws {
    try await run { twins, pool, _ in
      let tenant = twins.acme.tenant
      let footprint = try await pool.pipeline(
        settings: ["latchkey.tenant_id": tenant.description],
        AccountFootprints.find(twins.acme.account, in: tenant))
      #expect(footprint?.isLastOwner == true)
    }
  }

  /// A statement that is added without a word here fails.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["LATCHKEY_TEST_STATEMENT"] == nil))
  func areAllTried() throws {
    let nobody = Caller(tenant: .random(), account: .random(), token: "")
    let holder = Holder(caller: nobody, things: [:], invitation: "", tenant: nobody.tenant)
    let tried = (holder.named + holder.unnamed).map { trial in
      trial.name.split(separator: ".").prefix(2).joined(separator: ".")
    }
    let others = try Self.namesInSources().subtracting(tried).sorted()
    #expect(others == Self.others)
  }

  private static func namesInSources() throws -> Set<String> {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/Store")
    var names: Set<String> = []
    for case let file as URL in FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)!
    where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      names.formUnion(text.matches(of: /Query(?:<[^(]*>)?\(\s*"([a-z_]+\.[a-z_]+)"/).map { String($0.1) })
    }
    return names
  }

  /// They have no condition on a tenant: what they write has the tenant in it, what they ask is a function of one exact
  /// value, or what they read is nobody's or everybody's.
  private static let others = [
    "access_token.find_by_digest", "account.insert", "account.insert_owner", "api_import.insert",
    "attempt.admit_sign_in", "attempt.admit_sign_up", "attempt.forgive_sign_in", "authorization.consent",
    "change.witness", "domain.verify", "explanation.group", "explanation.limits",
    "gateway_node.list",
    "idempotent_answer.insert", "idempotent_answer.try_lock", "imported_secret.count_older",
    "invitation.find_by_digest",
    "operated_tenant.export", "operated_tenant.find", "operated_tenant.list", "operated_tenant.purge",
    "received_authorization.list", "received_limit.list", "received_limit.list_targets",
    "seal.count_backend_headers", "seal.list_backend_headers",
    // Tried by `TwinOperatorTests.resealsOneTenantsHeaders`.
    "seal.replace_backend_headers", "session.candidate", "session.find_by_digest", "sign_in_origin.insert",
    "subscription_key.insert", "subscription_search.count", "subscription_search.find",
    "subscription_secret.insert_first", "tenant.insert",
  ]
}

extension Twins {
  fileprivate func holder(of things: Things, _ caller: Caller) async throws -> Holder {
    let invitation = try await api.invite(.viewer, as: caller).token
    return Holder(caller: caller, things: things, invitation: invitation, tenant: acme.tenant)
  }
}

extension Holder {
  /// Statements that name something which is one tenant's.
  fileprivate var named: [StatementTrial] {
    Self.tried(
      accountTrials + keyTrials + groupTrials + authorizationTrials + limitPolicyTrials + usageTrials + dryRunTrials
        + operatorTrials)
  }

  /// Statements that name the tenant alone, or what it does not have.
  fileprivate var unnamed: [StatementTrial] {
    Self.tried(
      tenantTrials + deviceTrials + keyListTrials + importTrials + groupListTrials + authorizationListTrials
        + limitPolicyListTrials + usageListTrials + operatedTenantTrials + viewTrials)
  }

  /// All of them; those of one statement, where `scripts/mutations` has broken that.
  private static func tried(_ trials: [StatementTrial]) -> [StatementTrial] {
    guard let name = ProcessInfo.processInfo.environment["LATCHKEY_TEST_STATEMENT"] else { return trials }
    return trials.filter { $0.name == name || $0.name.hasPrefix(name + ".") }
  }
}

extension StatementTrial.Outcome {
  fileprivate func isAs(_ other: Self) -> Bool {
    let hasSameRows = other.isRepeatable ? rows == other.rows : rows.count == other.rows.count
    return error == nil && !changesStrangers && hasSameRows && count == other.count && own == other.own
  }
}
