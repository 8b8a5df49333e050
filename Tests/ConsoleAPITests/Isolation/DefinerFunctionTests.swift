import Model
import Postgres
import TestPostgres
import Testing

/// Functions that look across tenants answer one exact value, and nothing but it.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct DefinerFunctionTests {
  /// Each with the arguments, as constants, to which it gives one row of the other tenant.
  private static func lookUps(_ twins: Twins, invitation: String, accessToken: String) -> [String: [String]] {
    [
      "account_by_email": ["'globex'", "'owner@globex.example'"],
      "subscription_by_id": ["'\(twins.foreign["subscriptionKeyId"] ?? "")'"],
      "subscription_takes_current_tenant": ["'\(twins.foreign["subscriptionKeyId"] ?? "")'"],
      "session_by_digest": [digest(twins.globex.token)],
      "invitation_by_digest": [digest(invitation)],
      "access_token_by_digest": [digest(accessToken)],
      "group_at_address": ["'globex'", "'pumps'", "'online'"],
      "domain_by_host": ["'api.globex.example'"],
      "limits_left": [
        "'\(twins.globex.tenant)'", "'\(twins.foreign["groupId"] ?? "")'", "'online'",
        "'\(twins.own["subscriptionKeyId"] ?? "")'",
      ],
    ]
  }

  /// They have triggers alone for callers, as whom no login can call them.
  private static let triggers = [
    "audit", "count_against_quota", "erase_deleted_account", "give_quotas", "record_change",
  ]

  /// They take no value and tell a number of rows.
  private static let jobs = [
    "prune_attempts", "prune_changes", "prune_gateway_nodes", "prune_idempotent_answers", "prune_limits",
    "prune_sessions", "prune_subscription_keys", "prune_usage", "purge_tenants", "roll_up_usage",
  ]

  /// They do something to what is the current tenant's own.
  private static let acts = ["verify_domain"]

  /// Gateways alone call them, and serve all tenants.
  private static let ledgers = ["lease_limits", "record_usage"]

  private static let verification = "UPDATE domains SET state = 'verified', verified_at = now()"

  /// They count what is tried, and tell of an account that is there what they tell of one that is not.
  private static let counters = ["admit_sign_in", "admit_sign_up", "forgive_sign_in"]

  private static func digest(_ token: String) -> String {
    "'\\x\(SecretDigest(hashing: token).bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())'::bytea"
  }

  /// What is nearly a value: a part of it, patterns for it, other letters, more than it, and no value at all.
  private static func inexact(_ argument: String) -> [String] {
    guard argument.hasSuffix("::bytea") else {
      let text = argument.dropFirst().dropLast()
      return [
        "%", "_", String(repeating: "_", count: text.count), "\(text.dropLast())", "\(text.dropLast())%",
        "\(text) ", " \(text)", "{\(text)}", "\(text)\u{301}", "",
      ].map { "'\($0)'" } + ["NULL", "ARRAY[\(argument)]", "upper(\(argument))"]
    }
    return [
      "''::bytea", "NULL", "substring(\(argument) FOR 31)", "\(argument) || '\\x00'::bytea", "'\\x25'::bytea",
      "sha256(\(argument))", "convert_to('%', 'UTF8')", "ARRAY[\(argument)]",
      "convert_to(upper(encode(\(argument), 'hex')), 'UTF8')",
    ]
  }

  @Test func areAllAccountedFor() async throws {
    try await Twins.run { twins in
      let known =
        Self.lookUps(twins, invitation: "", accessToken: "").keys + Self.triggers + Self.jobs + Self.counters
        + Self.acts + Self.ledgers
      let definers = try await Catalogue.texts(
        "SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1")
      #expect(definers == known.sorted())
    }
  }

  @Test func runAsTheOwnerOnAFixedPath() async throws {
    let odd = try await Catalogue.texts(
      """
      SELECT oid::regprocedure::text FROM pg_proc
      WHERE prosecdef AND pronamespace = 'public'::regnamespace
        AND (proowner <> 'latchkey_owner'::regrole
          OR proconfig IS DISTINCT FROM ARRAY['search_path=public, pg_temp'] || CASE proname
            WHEN 'lease_limits' THEN ARRAY['plan_cache_mode=force_generic_plan', 'enable_seqscan=off',
              'enable_bitmapscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off']
            ELSE '{}' END
          OR has_function_privilege('latchkey_gateway', oid, 'EXECUTE') <> (proname IN ('lease_limits', 'record_usage'))
          OR has_function_privilege('latchkey_console', oid, 'EXECUTE') AND proname IN ('lease_limits', 'record_usage')
          OR prorettype = 'trigger'::regtype AND has_function_privilege('latchkey_console', oid, 'EXECUTE'))
      """)
    #expect(odd == [])
    let jobs = try await Catalogue.texts(
      """
      SELECT proname::text FROM pg_proc
      WHERE prosecdef AND pronamespace = 'public'::regnamespace AND pronargs = pronargdefaults AND prorettype = 'bigint'::regtype
      ORDER BY 1
      """)
    #expect(jobs == Self.jobs)
  }

  @Test func answerOneExactValueOnly() async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      let invitation = try await twins.api.invite(.viewer, as: twins.globex).token
      let accessToken = try await twins.api.accessToken(of: twins.globex)
      try await Catalogue.run(Self.verification)
      let settings: TransactionSettings = ["latchkey.tenant_id": twins.acme.tenant.description]
      for (name, arguments) in Self.lookUps(twins, invitation: invitation, accessToken: accessToken) {
        func call(_ arguments: [String]) -> String { "SELECT FROM \(name)(\(arguments.joined(separator: ", ")))" }
        let exact = try await Probe.outcomes(of: [call(arguments)], as: "latchkey_console", settings)
        #expect(exact == ["1"], "\(call(arguments))")
        for place in arguments.indices {
          let statements = Self.inexact(arguments[place]).map { inexact in
            var given = arguments
            given[place] = inexact
            return call(given)
          }
          let outcomes = try await Probe.outcomes(of: statements, as: "latchkey_console", settings)
          for (statement, outcome) in zip(statements, outcomes) {
            // The letters of an address are not told apart, an array is no argument of any, and limits of no key are
            // those that all share.
            let isAddress = statement.contains("upper('owner@")
            let isShared = statement.contains("limits_left") && statement.hasSuffix(", '')")
            #expect(isAddress || isShared || outcome == "0" || outcome == "42883", "\(statement): \(outcome)")
          }
        }
      }
    }
  }

  /// That a group is live is public; that there is one which is not live there is its tenant's own.
  @Test func tellOfGroupsThatAreNotLiveToTheirTenantAlone() async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      let call = ["SELECT FROM group_at_address('globex', 'pumps', 'test')"]
      for (caller, rows) in [(twins.globex, "1"), (twins.acme, "0")] {
        let settings: TransactionSettings = ["latchkey.tenant_id": caller.tenant.description]
        #expect(try await Probe.outcomes(of: call, as: "latchkey_console", settings) == [rows])
      }
    }
  }

  /// Also where another tenant has things of the same ids.
  @Test func tellNothingOfATwin() async throws {
    try await Twins.run { twins in
      let invitation = try await twins.api.invite(.viewer, as: twins.acme).token
      let accessToken = try await twins.api.accessToken(of: twins.acme)
      let calls = [
        "account_by_email('acme', 'owner@acme.example')",
        "subscription_by_id('\(twins.own["subscriptionKeyId"] ?? "")')",
        "subscription_takes_current_tenant('\(twins.own["subscriptionKeyId"] ?? "")')",
        "session_by_digest(\(Self.digest(twins.acme.token)))", "invitation_by_digest(\(Self.digest(invitation)))",
        "access_token_by_digest(\(Self.digest(accessToken)))", "group_at_address('acme', 'pets', 'online')",
        "domain_by_host('api.acme.example')",
        "limits_left('\(twins.acme.tenant)', '\(twins.own["groupId"] ?? "")', 'online', '')",
      ]
      try await Catalogue.run(Self.verification)
      func answers() async throws -> [[String]] {
        try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
          var answers: [[String]] = []
          for call in calls {
            // That it was long not written down that something was used becomes true by itself.
            let answer = "SELECT (CASE jsonb_typeof(j) WHEN 'object' THEN j - 'is_touch_due' ELSE j END)::text"
            answers.append(try await pool.run(DynamicSQL.texts("\(answer) FROM \(call) AS f, to_jsonb(f) AS j")))
          }
          return answers
        }
      }
      let alone = try await answers()
      for (call, rows) in zip(calls, alone) { #expect(rows.count == 1, "\(call)") }
      try await twins.bear()
      #expect(try await answers() == alone)
    }
  }

  /// What a key is limited by is between its tenant and the provider; what all share is what calling tells, where anything
  /// is live, and else between the provider and those who are authorized.
  @Test func tellOfLimitsToWhomTheyConcern() async throws {
    try await Twins.run { twins in
      try await Probe.prepare()
      let stranger = try await twins.api.owner(of: "umbrella")
      let (provider, group) = (twins.globex.tenant, twins.foreign["groupId"] ?? "")
      func call(_ key: String) -> String { "SELECT FROM limits_left('\(provider)', '\(group)', 'online', '\(key)')" }
      let calls = [
        call(""), call(twins.foreign["subscriptionKeyId"] ?? ""), call(twins.own["subscriptionKeyId"] ?? ""),
      ]
      func told(_ tenant: ID<Tenant>) async throws -> [String] {
        try await Probe.outcomes(of: calls, as: "latchkey_console", ["latchkey.tenant_id": tenant.description])
      }
      #expect(try await told(provider) == ["1", "1", "1"])
      #expect(try await told(twins.acme.tenant) == ["1", "0", "1"])
      #expect(try await told(stranger.tenant) == ["1", "0", "0"])
      try await Catalogue.run("UPDATE tenants SET state = 'suspended' WHERE id = '\(provider)'")
      #expect(try await told(stranger.tenant) == ["0", "0", "0"])
      try await Catalogue.run(
        """
        UPDATE tenants SET state = 'active' WHERE id = '\(provider)';
        UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(provider)'
        """)
      #expect(try await told(stranger.tenant) == ["0", "0", "0"])
      #expect(try await told(provider) == ["1", "1", "1"])
      #expect(try await told(twins.acme.tenant) == ["1", "0", "1"])
    }
  }

  /// Whom limits concern is said by the tenant's own deployments and targets, and not by others' of the same ids.
  @Test func tellOfLimitsToNobodyForATwin() async throws {
    try await Twins.run { twins in
      let stranger = try await twins.api.owner(of: "umbrella")
      try await twins.bear()
      try await Probe.prepare()
      let (group, key) = (twins.own["groupId"] ?? "", twins.own["subscriptionKeyId"] ?? "")
      func told(_ caller: ID<Tenant>, of provider: ID<Tenant>, _ key: String) async throws -> [String] {
        try await Probe.outcomes(
          of: ["SELECT FROM limits_left('\(provider)', '\(group)', 'online', '\(key)')"], as: "latchkey_console",
          ["latchkey.tenant_id": caller.description])
      }
      // What has the same ids is authorized by this tenant, for a key of its own.
      #expect(try await told(twins.acme.tenant, of: twins.initech, key) == ["0"])
      #expect(try await told(twins.acme.tenant, of: twins.acme.tenant, key) == ["1"])
      // Nothing of this tenant's is live.
      #expect(try await told(stranger.tenant, of: twins.acme.tenant, "") == ["1"])
      try await Catalogue.run("UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(twins.acme.tenant)'")
      #expect(try await told(stranger.tenant, of: twins.acme.tenant, "") == ["0"])
      // Authorized by itself for the twin, and by this tenant no more.
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        DELETE FROM authorization_targets
        WHERE tenant_id = '\(twins.acme.tenant)' AND subscriber_tenant_id = '\(twins.globex.tenant)'
        """)
      #expect(try await told(twins.globex.tenant, of: twins.acme.tenant, "") == ["0"])
    }
  }

  /// Also where others have groups, keys, policies and counters of the same ids, and somebody holds those.
  @Test func leaseOfOneTenantsCounters() async throws {
    try await Twins.run { twins in
      try await twins.bear()
      let own = "tenant_id = '\(twins.acme.tenant)'"
      // Others have a smaller limit, of which more is used and held, in a window that goes on; this one's has ended.
      try await Catalogue.run(
        """
        SET session_replication_role = replica;
        UPDATE limit_policies SET per_month = CASE WHEN \(own) THEN 100 ELSE 1 END;
        UPDATE limit_counters SET period = 'month', granted = 100, spent = CASE WHEN \(own) THEN 50 ELSE 7 END,
          starts_at = CASE WHEN \(own) THEN '-infinity' ELSE date_trunc('month', now(), 'UTC') END;
        UPDATE limit_leases SET period = 'month', amount = CASE WHEN \(own) THEN 1 ELSE 9 END;
        INSERT INTO limit_leases (tenant_id, group_id, environment, subscription_key_id, period, node_id, amount)
        SELECT tenant_id, group_id, environment, subscription_key_id, period, 'gwn_b', amount FROM limit_leases
        """)
      try await lease(of: twins, are: "there and of an ended window")
      try await Catalogue.run("DELETE FROM limit_counters WHERE \(own)")
      try await lease(of: twins, are: "not there")
      try await Catalogue.run("DELETE FROM limit_counters")
      try await lease(of: twins, are: "nobody's")
    }
  }

  private func lease(of twins: Twins, are counters: String) async throws {
    try await twins.leavingStrangersAlone {
      for key in ["", twins.own["subscriptionKeyId"] ?? ""] {
        let lent = try await TestDatabase.current.withPool(user: "latchkey_gateway") { pool in
          try await pool.run(
            DynamicSQL.texts(
              """
              SELECT concat_ws(' ', l.is_limited, l.held, l.remaining)
              FROM lease_limits('gwn_a', '{\(twins.acme.tenant)}', '{\(twins.own["groupId"] ?? "")}', '{online}',
                '{"\(key)"}', '{month}', '{0}', '{0}', '{0}', '{3}', '{0}') AS l
              """))
        }
        #expect(lent == ["t 3 97"], "\(counters)")
      }
    }
  }

  /// A key that takes one provider takes no other one.
  @Test func tellWhetherAKeyTakesTheOneWhoAsks() async throws {
    try await Twins.run { twins in
      try await Catalogue.run(
        "SET session_replication_role = replica; UPDATE subscription_keys SET providers = '{globex}'")
      let call = "SELECT takes::text FROM subscription_takes_current_tenant('\(twins.own["subscriptionKeyId"] ?? "")')"
      for (caller, takes) in [(twins.globex, "true"), (twins.acme, "false")] {
        let answer = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
          try await pool.pipeline(
            settings: ["latchkey.tenant_id": caller.tenant.description], DynamicSQL.texts(call))
        }
        #expect(answer == [takes])
      }
    }
  }

  /// Nobody's but the current tenant's, also where others have domains of the same ids.
  @Test func verifyOneTenantsDomain() async throws {
    try await Twins.run { twins in
      try await twins.bear()
      let pending = "SELECT tenant_id FROM domains WHERE state = 'pending' ORDER BY 1"
      let before = try await Catalogue.texts(pending)
      #expect(before.contains(twins.acme.tenant.description))
      for domain in [twins.own["domainId"] ?? "", twins.foreign["domainId"] ?? ""] {
        try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
          _ = try await pool.pipeline(
            settings: ["latchkey.tenant_id": twins.acme.tenant.description],
            DynamicSQL.texts("SELECT 'done' FROM verify_domain('\(domain)')"))
        }
      }
      let after = try await Catalogue.texts(pending)
      #expect(after == before.filter { $0 != twins.acme.tenant.description })
    }
  }

  /// Also where others have groups, keys and secrets of the same ids.
  @Test func recordUsageOfOneTenantsGroupsAndKeys() async throws {
    try await Twins.run { twins in
      let digest = try await Catalogue.texts(
        "SELECT digest::text FROM subscription_secrets WHERE id = '\(twins.own["secretId"] ?? "")'")
      try await twins.bear()
      let state = "SELECT to_jsonb(r)::text FROM usage_recent r WHERE tenant_id <> '\(twins.acme.tenant)' ORDER BY 1"
      let before = try await Catalogue.texts(state)
      #expect(!before.isEmpty)
      let told = try await Catalogue.texts(
        Harness.recordUsage(
          of: twins.own["groupId"] ?? "", secret: digest.first ?? "", sequence: 1_000, for: twins.acme.tenant))
      #expect(told == ["true"])
      #expect(try await Catalogue.texts(state) == before)
      let sides = try await Catalogue.texts(
        "SELECT side FROM usage_recent WHERE tenant_id = '\(twins.acme.tenant)' AND requests = 1000 ORDER BY 1")
      #expect(sides == ["caller", "provider"])
    }
  }

  @Test func countAttemptsAtNobodysAccountAlike() async throws {
    try await Twins.run { _ in
      let calls = ["owner@globex.example", "nobody@globex.example"].map { email in
        "SELECT concat_ws(' ', admit_sign_in('globex', '\(email)', '203.0.113.9'), "
          + "forgive_sign_in('globex', '\(email)', '203.0.113.9'))"
      }
      for call in calls {
        let answer = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
          try await pool.run(DynamicSQL.texts(call))
        }
        #expect(answer == ["0 "])
      }
    }
  }
}
