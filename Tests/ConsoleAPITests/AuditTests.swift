import Contract
import HTTPTypes
import Model
import Postgres
import Store
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct AuditTests {
  private func events(_ api: Harness, as caller: Caller, _ query: String = "") async throws -> [JSONValue] {
    let answer = try await api.send(.get, "/audit-events\(query)", as: caller)
    #expect(answer.status == 200)
    return answer["items"]?.elements ?? []
  }

  private func actions(_ events: [JSONValue]) -> [String] { events.compactMap { $0["action"]?.text } }

  @Test func tellsWhoDidWhatFromWhere() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/subscription-keys", as: owner, ["name": "first"])
      let requestID = created.headers[HTTPField.Name("X-Request-Id")!]
      let found = try await events(api, as: owner, "?action=subscriptionKey.created")
      let event = try #require(found.first)
      #expect(found.count == 1)
      #expect(event["entityId"]?.text == created.id)
      #expect(event["entityKind"]?.text == "subscriptionKey")
      #expect(event["actor"]?.text == "account")
      #expect(event["accountId"]?.text == owner.account.description)
      #expect(event["requestId"]?.text == requestID)
      #expect(event["particulars"]?["address"]?.text == "127.0.0.1")
      #expect(event["particulars"]?["change"]?["after"]?["name"]?.text == "first")
      #expect(event["particulars"]?["change"]?["after"]?["createdAt"]?.text != nil, "columns are named as members are")
    }
  }

  @Test func tellsWhatChangedBeforeAndAfter() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      #expect(try await api.send(.patch, path, as: owner, ["name": "renamed"]).status == 200)
      #expect(try await api.send(.patch, path, as: owner, ["name": "renamed"]).status == 200)
      let updates = try await events(api, as: owner, "?action=subscriptionKey.updated")
      #expect(updates.count == 1, "what changes nothing is no event")
      let change = try #require(updates.first?["particulars"]?["change"])
      #expect(change["after"] == ["name": "renamed"])
      #expect(change["before"]?["name"]?.text != nil)
      #expect(try await api.send(.delete, path, as: owner).status == 204)
      #expect(actions(try await events(api, as: owner, "?limit=1")) == ["subscriptionKey.deleted"])
    }
  }

  @Test func tellsOfEverythingThatIsChanged() async throws {
    try await Harness.run { api in
      let provider = try await api.owner(of: "acme")
      let key = try await api.key(of: provider)
      let group = try await api.liveGroup(of: provider)
      let targets: JSONValue = [["groupId": .string(group), "environment": "online"]]
      let authorization = try await api.send(
        .post, "/authorizations", as: provider,
        ["type": "subscriptionKey", "subscriptionId": .string(key), "targets": targets])
      #expect(authorization.status == 201)
      #expect(try await api.send(.delete, "/authorizations/\(authorization.id)", as: provider).status == 204)
      let domain = "/domains/\(try await api.claim("api.example.com", for: group, as: provider).id)"
      #expect(try await api.send(.patch, domain, as: provider, ["environment": "test"]).status == 200)
      #expect(try await api.send(.delete, domain, as: provider).status == 204)
      let policy = "/limit-policies/\(try await api.limitPolicy(of: provider).id)"
      #expect(try await api.send(.patch, policy, as: provider, ["mode": "observe"]).status == 200)
      #expect(try await api.send(.delete, policy, as: provider).status == 204)
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: provider).status == 204)
      #expect(try await api.send(.patch, "/tenant", as: provider, ["name": "Acme"]).status == 200)
      #expect(
        Set(actions(try await events(api, as: provider, "?limit=200"))) == [
          "tenant.created", "account.created", "session.created", "subscriptionKey.created", "secret.created",
          "apiGroup.created", "apiGroup.updated", "api.created", "revision.created", "deployment.created",
          "authorization.created", "authorizationTarget.created", "authorization.deleted",
          "authorizationTarget.deleted", "deployment.ended", "tenant.updated", "domain.created", "domain.updated",
          "domain.deleted", "limitPolicy.created", "limitPolicy.updated", "limitPolicy.deleted",
        ])
    }
  }

  /// A new table is audited by `CALL audit_changes(…)` in its migration, or stands here because nobody decides its rows.
  @Test func auditsEveryTable() async throws {
    let unaudited = try await TestDatabase.current.withPool { database in
      try await database.all(
        Query<String>(
          "test.unaudited",
          """
          SELECT c.relname::text FROM pg_class c
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'audit')
          """))
    }
    #expect(
      Set(unaudited) == [
        // The audit itself, the feed, and what nodes say of themselves.
        "audit_events", "audit_heads", "audit_particulars", "schema_migrations", "changes", "change_horizon",
        "gateway_nodes",
        // Counters.
        "subscription_searches", "attempts", "tenant_usage", "limit_counters", "limit_leases",
        "usage_recent", "usage_minutes", "usage_hours", "usage_days", "usage_senders",
        // Where, and by which browsers, accounts have signed in, which the events of their sessions tell.
        "sign_in_origins", "device_cookies",
        // Repeat what an audited change was answered with.
        "idempotent_answers", "import_reports",
        // Frozen with their revision, whose event tells of them.
        "revision_apis",
      ])
  }

  @Test func keepsNoSecret() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/subscription-keys", as: owner, ["name": "first"])
      let value = try #require(created["secrets"]?.elements?.first?["value"]?.text)
      let told = try await api.database.all(
        Query<String>("test.particulars", "SELECT content FROM audit_particulars")
      ).joined()
      #expect(told.contains("first"))
      let secrets = try await api.database.all(
        Query<String>(
          "test.secrets",
          """
          SELECT encode(digest, 'hex') FROM subscription_secrets
          UNION ALL SELECT encode(token_digest, 'hex') FROM sessions UNION ALL SELECT password_hash FROM accounts
          """))
      #expect(secrets.count == 3)
      for secret in secrets + [value, owner.token, Harness.password] { #expect(!told.contains(secret)) }
    }
  }

  @Test func writesNothingForWhatWasNotDone() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let viewer = try await api.account(.viewer, besides: owner)
      let before = try await events(api, as: owner, "?limit=200").count
      #expect(try await api.send(.post, "/subscription-keys", as: viewer, ["name": "x"]).status == 403)
      #expect(
        try await api.send(
          .post, "/api-groups/\(ID<APIGroup>.random())/revisions", as: owner, ["version": "0.0.1"]
        ).status == 404)
      #expect(try await events(api, as: owner, "?limit=200").count == before)
    }
  }

  @Test func showsEachTenantItsOwn() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: globex)
      #expect(try await events(api, as: acme, "?entityId=\(key)").isEmpty)
      #expect(try await events(api, as: globex, "?entityId=\(key)").count == 1)
      let others = try await events(api, as: acme, "?limit=200").filter {
        $0["accountId"]?.text == globex.account.description
      }
      #expect(others.isEmpty)
      #expect(try await api.send(.get, "/audit-events", as: nil).status == 401)
    }
  }

  @Test func filtersAndPages() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for _ in 0..<3 { _ = try await api.key(of: owner) }
      var seen: [String] = []
      var cursor = ""
      repeat {
        let page = try await api.send(.get, "/audit-events?action=subscriptionKey&limit=2\(cursor)", as: owner)
        seen += actions(page["items"]?.elements ?? [])
        cursor = page["nextCursor"]?.text.map { "&cursor=\($0)" } ?? ""
      } while !cursor.isEmpty
      #expect(seen == Array(repeating: "subscriptionKey.created", count: 3))
      #expect(try await events(api, as: owner, "?accountId=\(owner.account)&limit=200").count == 9)
      #expect(try await events(api, as: owner, "?accountId=\(ID<Account>.random())").isEmpty)
      #expect(try await events(api, as: owner, "?from=2100-01-01T00:00:00Z").isEmpty)
      #expect(try await events(api, as: owner, "?to=2000-01-01T00:00:00Z").isEmpty)
    }
  }

  @Test(arguments: [
    "UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events", "DELETE FROM audit_particulars",
    "UPDATE audit_particulars SET content = NULL, salt = NULL", "UPDATE audit_heads SET sequence = 0",
    "INSERT INTO audit_heads (tenant_id) VALUES ('x')",
    "SELECT append_audit_event('x', 'x', 'x', 'x', '{}')", "SELECT erase_account_from_audit('x', 'x')",
  ])
  func isAppendOnlyForTheConsole(statement: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let setting = "SELECT set_config('latchkey.tenant_id', '\(owner.tenant)', true);"
      for login in ["latchkey_console", "latchkey_gateway"] {
        let configuration = TestDatabase.current.configuration.replacing(user: login)
        let error = await #expect(throws: PostgresError.self) {
          try await SQLScript(setting + statement).run(on: configuration)
        }
        #expect(error?.sqlState == "42501")
      }
    }
  }

  @Test func chainsInTheOrderOfCommits() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { for _ in 0..<5 { _ = try await api.key(of: owner) } }
        }
        try await group.waitForAll()
      }
      let chain = try await chain(of: owner, in: api)
      #expect(chain.flaws.isEmpty)
      #expect(chain.head.sequence == 83)
    }
  }

  @Test func erasingAPersonLeavesTheChainWhole() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.account(.developer, besides: owner)
      let key = try await api.key(of: other)
      try await api.database.execute(
        Query<Void>("test.delete_account", "DELETE FROM accounts WHERE id = \(other.account)"))
      let told = try await events(api, as: owner, "?accountId=\(other.account)")
      #expect(!told.isEmpty && told.allSatisfy { $0["particulars"]?["address"] == .null })
      #expect(told.contains { $0["particulars"]?["change"]?["after"]?["id"]?.text == key }, "what it did stays")
      let person = try await events(api, as: owner, "?entityId=\(other.account)").filter {
        $0["entityKind"]?.text == "account"
      }
      #expect(actions(person) == ["account.deleted", "account.created"])
      #expect(person.allSatisfy { $0["particulars"]?["change"] == .null })
      let chain = try await chain(of: owner, in: api)
      #expect(chain.flaws.isEmpty && chain.erased > 0)
    }
  }

  /// What goes with the account is told of behind its erasure.
  @Test func whoDeletesTheirOwnAccountIsErased() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.account(.owner, besides: owner)
      _ = try await api.key(of: other)
      let token: JSONValue = ["name": "ci", "role": "viewer"]
      #expect(try await api.send(.post, "/access-tokens", as: other, token).status == 201)
      #expect(try await api.send(.delete, "/accounts/\(other.account)", as: other).status == 204)
      let told = try await events(api, as: owner, "?accountId=\(other.account)&limit=200")
      #expect(
        Set(actions(told)).isSuperset(of: [
          "account.deleted", "session.deleted", "accessToken.deleted", "subscriptionKey.updated",
        ]))
      #expect(told.filter { $0["particulars"]?["address"] != .null } == [])
      #expect(try await chain(of: owner, in: api).flaws.isEmpty)
    }
  }

  /// A call that an account has under way while it is deleted does nothing, and is told of nowhere.
  @Test func undoesACallOfAnAccountThatIsDeletedMeanwhile() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.account(.owner, besides: owner)
      await #expect(throws: PostgresError.self) {
        try await api.database.transaction { transaction in
          for (name, value) in [
            ("tenant_id", "\(owner.tenant)"), ("account_id", "\(other.account)"), ("address", "203.0.113.9"),
          ] {
            let setting = "latchkey.\(name)"
            try await transaction.execute(Query<Void>("test.set", "SELECT set_config(\(setting), \(value), true)"))
          }
          try await transaction.execute(Query<Void>("test.rename", "UPDATE tenants SET name = 'Renamed'"))
          #expect(try await api.send(.delete, "/accounts/\(other.account)", as: owner).status == 204)
        }
      }
      #expect(try await events(api, as: owner, "?action=tenant.updated").isEmpty)
    }
  }
}

extension AuditTests {
  /// Each way to tamper, and what is found.
  static let tampering: [(String, String)] = [
    ("UPDATE audit_events SET action = 'key.made' WHERE sequence = 3", "event 3 was changed"),
    ("UPDATE audit_events SET account_id = NULL WHERE sequence = 3", "event 3 was changed"),
    ("UPDATE audit_events SET occurred_at = occurred_at + interval '1 us' WHERE sequence = 3", "event 3 was changed"),
    (
      """
      UPDATE audit_events SET action = 'x' WHERE sequence = 3;
      UPDATE audit_events e SET hash = audit_hash(e) WHERE sequence = 3
      """, "event 4 does not follow from the one before it"
    ),
    (
      """
      DELETE FROM audit_particulars WHERE sequence = 4;
      DELETE FROM audit_events WHERE sequence = 4
      """, "event 4 is missing"
    ),
    (
      """
      DELETE FROM audit_particulars WHERE sequence > 4;
      DELETE FROM audit_events WHERE sequence > 4
      """, "the chain does not end with event 5, as its head says"
    ),
    (
      "UPDATE audit_particulars SET content = '{}' WHERE sequence = 3 AND part = 'change'",
      "the change of event 3 was changed"
    ),
    (
      "DELETE FROM audit_particulars WHERE sequence = 3 AND part = 'origin'", "the origin of event 3 was changed"
    ),
    (
      """
      ALTER TABLE audit_particulars DROP CONSTRAINT audit_particulars_event;
      UPDATE audit_events SET sequence = CASE sequence WHEN 3 THEN 104 ELSE 103 END WHERE sequence IN (3, 4);
      UPDATE audit_events SET sequence = sequence - 100 WHERE sequence > 100
      """, "event 3 does not follow from the one before it"
    ),
  ]

  @Test(arguments: tampering)
  func findsTampering(script: String, flaw: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      _ = try await api.key(of: owner)
      #expect(try await chain(of: owner, in: api).flaws.isEmpty)
      try await SQLScript(script).run(on: TestDatabase.current.configuration)
      let flaws = try await chain(of: owner, in: api).flaws.map(\.description)
      #expect(flaws.contains(flaw), "\(flaws)")
    }
  }

  @Test func findsARewrittenEndByAnExportedHead() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      _ = try await api.key(of: owner)
      let exported = try await chain(of: owner, in: api).head
      #expect(try await chain(of: owner, in: api, exported: [exported]).flaws.isEmpty)
      let cut = """
        DELETE FROM audit_particulars WHERE sequence > 3;
        DELETE FROM audit_events WHERE sequence > 3;
        UPDATE audit_heads SET sequence = 3, hash = (SELECT hash FROM audit_events WHERE sequence = 3)
        """
      try await SQLScript(cut).run(on: TestDatabase.current.configuration)
      #expect(try await chain(of: owner, in: api).flaws.isEmpty, "cut off cleanly, it looks whole by itself")
      _ = try await api.key(of: owner)
      #expect(try await chain(of: owner, in: api, exported: [exported]).flaws == [.notAsExported(exported.sequence)])
    }
  }

  private func chain(
    of owner: Caller, in api: Harness, exported: [AuditChain.Head] = []
  ) async throws -> AuditChain {
    let tenancies = try await api.database.run(AuditChains.tenancies)
    let head = tenancies.first { $0.tenant == owner.tenant.description }?.head
    var chain = try await api.database.run(
      AuditChains.read(owner.tenant.description, into: AuditChain(exported: exported)))
    chain.end(at: head)
    return chain
  }
}
