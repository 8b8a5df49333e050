import Contract
import HTTPTypes
import Model
import Postgres
import Sealing
import Store
import TestPostgres
import Testing

/// What is done to one tenant by the owner's login, which no policy binds, is done to it alone.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct TwinOperatorTests {
  /// Two tenants that have authorized nothing of each other's, so that whatever goes with one is its own.
  private func run(_ body: @escaping @Sendable (Twins, PostgresPool) async throws -> Void) async throws {
    try await Twins.run { twins in
      for (provider, key) in [(twins.acme, twins.foreign), (twins.globex, twins.own)] {
        let path = "/authorizations?subscriptionId=\(key["subscriptionKeyId"] ?? "")"
        let given = try await twins.api.send(.get, path, as: provider).items.first?["id"]?.text ?? ""
        #expect(try await twins.api.send(.delete, "/authorizations/\(given)", as: provider).status == 204)
      }
      _ = try await twins.api.release(
        of: twins.own["groupId"] ?? "", as: twins.acme,
        backend: [
          "type": "http", "url": "http://backend.example", "headers": [["name": "X-Key", "value": "secret"]],
        ])
      try await twins.bear()
      try await TestDatabase.current.withPool(user: "latchkey_owner") { try await body(twins, $0) }
    }
  }

  @Test func exportsOneTenant() async throws {
    try await run { twins, owner in
      let rows = try await owner.run(
        DynamicSQL.texts(
          """
          SELECT concat_ws(' ', relation, coalesce(content::jsonb ->> 'tenant_id', content::jsonb ->> 'id'), content)
          FROM export_tenant('\(twins.acme.tenant)')
          """))
      #expect(rows.contains { $0.hasPrefix("subscription_keys ") })
      #expect(rows.filter { $0.contains(Twins.mark) || $0.split(separator: " ")[1] != "\(twins.acme.tenant)" } == [])
    }
  }

  /// Of an authorization that it was given: the provider, targets, groups and limits of that one, and none of the same ids.
  @Test func exportsWhatOneTenantReceived() async throws {
    try await Twins.run { twins in
      let path = "/authorizations?subscriptionId=\(twins.foreign["subscriptionKeyId"] ?? "")"
      let given = try await twins.api.send(.get, path, as: twins.acme).items.first?["id"]?.text ?? ""
      let limited: JSONValue = ["limitPolicyId": .string(twins.own["usedLimitPolicyId"] ?? "")]
      #expect(try await twins.api.send(.patch, "/authorizations/\(given)", as: twins.acme, limited).status == 200)
      try await TestDatabase.current.withPool(user: "latchkey_owner") { owner in
        let received = DynamicSQL.texts(
          """
          SELECT content FROM export_tenant('\(twins.globex.tenant)')
          WHERE relation = 'received_authorizations' AND content::jsonb ->> 'provider_slug' = 'acme'
          ORDER BY content
          """)
        let alone = try await owner.run(received)
        #expect(
          !alone.isEmpty && alone.allSatisfy { $0.contains("\"limits\": {") && $0.contains("\"shared_limits\": {") })
        try await twins.bear()
        let beside = try await owner.run(received)
        #expect(beside == alone)
      }
    }
  }

  /// Whoever knew the old password may have been where it was given.
  @Test func forgetsWhereAndByWhatAnAccountThatIsResetHasSignedIn() async throws {
    try await run { twins, owner in
      let email = try #require(EmailAddress("owner@acme.example"))
      #expect(try await twins.api.signIn(email.description).status == 201)
      let before = try await owner.run(Self.origins(of: twins.acme))
      #expect(before == [1, 3])
      try await twins.leavingStrangersAlone {
        let ended = try await owner.run(OperatedAccounts.endSessions(of: email, in: twins.acme.tenant))
        #expect(ended > 0)
      }
      let after = try await owner.run(Self.origins(of: twins.acme))
      #expect(after == [0, 0])
    }
  }

  private static func origins(of caller: Caller) -> Statement<[Int]> {
    Query<Int>(
      "test.origins",
      """
      SELECT count(*) FROM sign_in_origins
      WHERE tenant_id = \(caller.tenant) AND account_id = \(caller.account)
      UNION ALL
      SELECT count(*) FROM device_cookies
      WHERE tenant_id = \(caller.tenant) AND account_id = \(caller.account)
      """
    ).all
  }

  @Test func changesOneTenant() async throws {
    try await run { twins, owner in
      try await twins.leavingStrangersAlone {
        for change: OperatedTenants.Change in [.suspend, .restore, .requestDeletion, .restore] {
          #expect(try await owner.run(OperatedTenants.make(change, of: twins.acme.tenant)) == 1)
        }
        let quotas = TenantQuotas.Changes(
          subscriptionKeys: 7, apiGroups: 7, apis: 7, authorizations: 7, domains: 7, liveAPIs: 7, liveBytes: 7,
          authorizationTargets: 7, revisionAPIs: 7, deployments: 7, accounts: 7, accessTokens: 7,
          limitPolicies: 7)
        #expect(try await owner.run(Quotas.update(twins.acme.tenant, to: quotas)) == 1)
        let email = try #require(EmailAddress("owner@acme.example"))
        let state = try await owner.run(
          OperatedAccounts.reset(email, in: twins.acme.tenant, passwordHash: "x", role: .viewer, isEnabled: true))
        #expect(state == .active)
        #expect(try await owner.run(OperatedAccounts.endSessions(of: email, in: twins.acme.tenant)) > 0)
      }
    }
  }

  @Test func decidesAboutOneTenantsDomain() async throws {
    try await run { twins, owner in
      let id = try #require(ID<Domain>(twins.own["domainId"] ?? ""))
      try await twins.leavingStrangersAlone {
        for decision in [OperatedDomains.approve, OperatedDomains.reject] {
          let decided = try await owner.run(decision(id, twins.acme.tenant))
          #expect(decided == 1)
        }
      }
    }
  }

  @Test func purgesOneTenant() async throws {
    try await run { twins, owner in
      // Of others there is more before a row of this one than is removed at once.
      let (own, other) = ("'\(twins.acme.tenant)'", "'\(twins.globex.tenant)'")
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        INSERT INTO usage_recent
        SELECT (jsonb_populate_record(one.r, jsonb_build_object(
          'tenant_id', CASE i WHEN 5001 THEN \(own) ELSE \(other) END, 'id', -i))).*
        FROM (SELECT r FROM usage_recent r LIMIT 1) AS one (r), generate_series(1, 5001) AS i
        ORDER BY i
        """)
      try await twins.leavingStrangersAlone {
        while try await owner.run(OperatedTenants.purge(twins.acme.tenant)) {}
      }
      let left = try await owner.run(
        DynamicSQL.texts("SELECT state FROM tenants WHERE id = '\(twins.acme.tenant)'"))
      #expect(left == ["deleted"])
      for table in try await Catalogue.tables() {
        // What gateways still hear of is theirs to forget.
        guard let column = table.tenantColumn, !["tenants", "changes"].contains(table.name) else { continue }
        let rows = try await Catalogue.texts(
          "SELECT '\(table.name)' FROM \(table.name) WHERE \(column) = '\(twins.acme.tenant)'")
        #expect(rows == [])
      }
    }
  }

  @Test func prunesOneTenantsKeys() async throws {
    try await run { twins, owner in
      let key = twins.own["subscriptionKeyId"] ?? ""
      try await Catalogue.run(
        """
        UPDATE subscription_keys SET deleted_at = now() - interval '31 days'
        WHERE tenant_id = '\(twins.acme.tenant)' AND id = '\(key)'
        """)
      try await twins.leavingStrangersAlone {
        var pruned: [String] = []
        repeat {
          pruned += try await owner.run(DynamicSQL.texts("SELECT prune_subscription_keys()::text"))
        } while pruned.last != "0"
        // Its own tenant's target, that authorization, and the key.
        #expect(pruned == ["1", "1", "1", "0"])
      }
    }
  }

  @Test func resealsOneTenantsHeaders() async throws {
    try await run { twins, owner in
      let (new, old) = (String(repeating: "a5", count: 32), String(repeating: "5a", count: 32))
      let sealer = Sealer(try #require(SealingKeyRing("2:\(new),1:\(old)")))
      try await twins.leavingStrangersAlone {
        let outcome = try await Resealing(under: sealer, in: owner).run()
        #expect(outcome.resealed == 1)
        // The twins' were never sealed for their places.
        #expect(outcome.failures.count == 2)
      }
    }
  }

  /// Nobody whose account, session or token has ended is let in by another tenant's of the same id.
  @Test func letsInByTheOwnTenantsAccountsAndCredentials() async throws {
    try await run { twins, _ in
      try await Probe.prepare()
      let own = twins.acme.tenant
      func change(by credential: String) async throws -> [String] {
        let statement = """
          SET CONSTRAINTS ALL IMMEDIATE;
          UPDATE tenants SET name = 'Changed' WHERE id = '\(own)'
          """
        return try await Probe.outcomes(
          of: [statement], as: "latchkey_owner",
          [
            "latchkey.tenant_id": own.description, "latchkey.account_id": twins.acme.account.description,
            "latchkey.credential": credential,
          ])
      }
      let endings = [
        (twins.own["accessTokenId"] ?? "", "DELETE FROM access_tokens"),
        (twins.own["sessionId"] ?? "", "DELETE FROM sessions"), ("", "UPDATE accounts SET state = 'disabled'"),
      ]
      for (credential, ending) in endings {
        #expect(try await change(by: credential) == ["1"])
        try await Catalogue.run("SET session_replication_role = replica; \(ending) WHERE tenant_id = '\(own)'")
        #expect(try await change(by: credential) == ["23514"], "\(ending)")
      }
    }
  }

  /// That an event of another tenant's is written lets nobody in for the rest of the transaction: it is not under the
  /// tenant's own head.
  @Test func letsInUnderTheOwnHeadAlone() async throws {
    try await Twins.run { twins in
      let own = twins.acme.tenant
      func append(_ tenant: ID<Tenant>) -> Statement<[String]> {
        DynamicSQL.texts(
          "SELECT 'done' FROM append_audit_event('\(tenant)', 'tenant', '\(tenant)', 'tenant.updated', NULL)")
      }
      let settings: TransactionSettings = [
        "latchkey.tenant_id": own.description, "latchkey.account_id": twins.acme.account.description,
      ]
      let error = await #expect(throws: PostgresError.self) {
        try await TestDatabase.current.withPool(user: "latchkey_owner") { owner in
          try await owner.transaction(settings: settings) { transaction in
            _ = try await transaction.run(append(twins.globex.tenant))
            try await Catalogue.run(
              """
              SET session_replication_role = replica;
              UPDATE accounts SET state = 'disabled' WHERE id = '\(twins.acme.account)'
              """)
            _ = try await transaction.run(append(own))
          }
        }
      }
      #expect(error?.sqlState == "23514", "\(String(describing: error))")
    }
  }

  /// The accounts of a tenant that is deleted for good need no erasing, for all of it goes: only that one's.
  @Test func erasesWhoIsDeletedAlsoBesideADeletedTenant() async throws {
    try await run { twins, owner in
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        UPDATE tenants SET state = 'deleted' WHERE id = '\(twins.globex.tenant)'
        """)
      let member = try await twins.api.invite(.viewer, as: twins.acme)
      #expect(try await twins.api.send(.delete, member.path, as: twins.acme).status == 204)
      let kept = try await owner.run(
        DynamicSQL.texts(
          """
          SELECT concat_ws(' ', count(*) > 0, count(p.content))
          FROM audit_events e
          JOIN audit_particulars p ON p.tenant_id = e.tenant_id AND p.sequence = e.sequence AND p.part = 'change'
          WHERE e.tenant_id = '\(twins.acme.tenant)' AND e.entity_kind = 'account'
            AND '/accounts/' || e.entity_id = '\(member.path)'
          """))
      #expect(kept == ["t 0"])
    }
  }

  /// A target is as old as its own authorization, and of that one's key.
  @Test func datesTargetsByOneTenantsAuthorizations() async throws {
    try await run { twins, _ in
      let (own, authorization) = (twins.acme.tenant, twins.own["authorizationId"] ?? "")
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        UPDATE authorizations SET created_at = '2020-02-02 00:00:00+00' WHERE tenant_id <> '\(own)';
        -- Behind the others again, as a scan finds them.
        UPDATE authorizations SET created_at = created_at WHERE tenant_id = '\(own)';
        SET session_replication_role = origin;
        INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
        VALUES ('\(own)', '\(authorization)', '\(twins.own["subscriptionKeyId"] ?? "")', '\(twins.own["groupId"] ?? "")',
          'preview')
        """)
      let dated = try await Catalogue.texts(
        """
        SELECT concat_ws(' ', x.subscriber_tenant_id, x.authorized_at = a.created_at)
        FROM authorization_targets x
        JOIN authorizations a ON a.tenant_id = x.tenant_id AND a.id = x.authorization_id
        WHERE x.tenant_id = '\(own)' AND x.authorization_id = '\(authorization)' AND x.environment = 'preview'
        """)
      #expect(dated == ["\(own) t"])
    }
  }

  /// Somebody of the twin's has signed in from a place where nobody of this tenant's has.
  @Test func knowsOneTenantsOrigins() async throws {
    try await run { twins, owner in
      try await Catalogue.run(
        """
        INSERT INTO sign_in_origins (tenant_id, account_id, origin)
        VALUES ('\(twins.globex.tenant)', '\(twins.acme.account)', '203.0.113.9'),
          ('\(twins.globex.tenant)', '\(twins.globex.account)', '203.0.113.9')
        """)
      for slug in ["acme", "globex"] {
        let call = "SELECT is_known_origin('\(slug)', 'owner@acme.example', '203.0.113.9')::text"
        #expect(try await owner.run(DynamicSQL.texts(call)) == [slug == "globex" ? "true" : "false"])
      }
    }
  }

  /// Somebody of the twin's has signed in by a browser which nobody of this tenant's has.
  @Test func knowsOneTenantsBrowsers() async throws {
    try await run { twins, owner in
      try await Catalogue.run(
        """
        INSERT INTO device_cookies (tenant_id, account_id, digest)
        VALUES ('\(twins.globex.tenant)', '\(twins.acme.account)', sha256('shown'))
        """)
      for slug in ["acme", "globex"] {
        let call = "SELECT is_known_device('\(slug)', 'owner@acme.example', sha256('shown'))::text"
        #expect(try await owner.run(DynamicSQL.texts(call)) == [slug == "globex" ? "true" : "false"])
      }
    }
  }
}
