import Model
import Postgres
import TestPostgres
import Testing

/// What the catalogue says of logins, policies and privileges.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct PrivilegeTests {
  @Test func exemptsNoLogin() async throws {
    let exempt = try await Catalogue.texts(
      """
      SELECT rolname::text FROM pg_roles
      WHERE rolname LIKE 'latchkey\\_%'
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
      UNION ALL
      SELECT member::regrole::text FROM pg_auth_members
      WHERE member::regrole::text LIKE 'latchkey\\_%' OR roleid::regrole::text LIKE 'latchkey\\_%'
      """)
    #expect(exempt == [])
  }

  @Test func grantsNothingToPublic() async throws {
    let granted = try await Catalogue.texts(
      """
      SELECT 'relation ' || relname FROM pg_class, aclexplode(relacl) a
      WHERE relnamespace = 'public'::regnamespace AND a.grantee = 0
      UNION ALL
      SELECT 'column ' || attname FROM pg_attribute, aclexplode(attacl) a
      WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND a.grantee = 0
      UNION ALL
      SELECT 'function ' || oid::regprocedure FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
      WHERE pronamespace = 'public'::regnamespace AND a.grantee = 0
      UNION ALL
      SELECT 'schema' FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'public' AND a.grantee = 0
      """)
    #expect(granted == [])
  }

  @Test func givesEverythingToTheOwner() async throws {
    let others = try await Catalogue.texts(
      """
      SELECT relname::text FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relowner <> 'latchkey_owner'::regrole
      UNION ALL
      SELECT oid::regprocedure::text FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND proowner <> 'latchkey_owner'::regrole
      """)
    #expect(others == [])
  }

  @Test func forcesRowLevelSecurityOnEveryTable() async throws {
    let open = try await Catalogue.texts(
      """
      SELECT relname::text FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT (relrowsecurity AND relforcerowsecurity)
      """)
    #expect(open == [])
  }

  /// A tenant's table has the tenant's policy, and none has one that is not said here.
  @Test func hasThesePoliciesOnly() async throws {
    let odd = try await Catalogue.texts(
      """
      SELECT format('%s %s: %s %s to %s', tablename, policyname, permissive, cmd, roles) FROM pg_policies
      WHERE schemaname = 'public' AND NOT (
        policyname = 'owner' AND roles = '{latchkey_owner}' AND cmd = 'ALL' AND qual = 'true' AND with_check = 'true'
        OR policyname = 'tenant' AND roles = '{latchkey_console}' AND cmd = 'ALL' AND qual = with_check
          AND qual = format('(%s = current_tenant())', CASE tablename WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END)
        OR policyname = 'gateway' AND roles = '{latchkey_gateway}' AND cmd = 'SELECT')
      ORDER BY 1
      """)
    #expect(
      odd == [
        // Who runs and where they stand, which is nobody's data.
        "gateway_nodes console: PERMISSIVE SELECT to {latchkey_console}",
        "gateway_nodes gateway: PERMISSIVE ALL to {latchkey_gateway}",
        "schema_migrations node: PERMISSIVE SELECT to {latchkey_console,latchkey_gateway}",
        // When a secret was used last; no other column can be written.
        "subscription_secrets gateway_use: PERMISSIVE UPDATE to {latchkey_gateway}",
      ])
    let nobodys = try await Catalogue.tables().filter { $0.tenantColumn == nil }.map(\.name)
    #expect(
      nobodys == ["attempts", "change_horizon", "changes", "gateway_nodes", "schema_migrations", "usage_senders"])
  }

  @Test func letsLoginsDoThisWithWhatIsNobodys() async throws {
    let nobodys = try await Catalogue.tables().filter { $0.tenantColumn == nil }
    let list = nobodys.map { DynamicSQL.constant($0.name) }.joined(separator: ", ")
    let privileges = try await Catalogue.texts(
      """
      SELECT format('%s %s %s', login, c.relname, string_agg(p, ' ' ORDER BY place))
      FROM pg_class c
      CROSS JOIN unnest(ARRAY['console', 'gateway']) AS login
      CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
        WITH ORDINALITY AS p (p, place)
      WHERE c.relname IN (\(list)) AND CASE WHEN p IN ('SELECT', 'INSERT', 'UPDATE')
        THEN has_any_column_privilege('latchkey_' || login, c.oid, p)
        ELSE has_table_privilege('latchkey_' || login, c.oid, p) END
      GROUP BY login, c.relname
      ORDER BY 1
      """)
    #expect(
      privileges == [
        "console gateway_nodes SELECT", "console schema_migrations SELECT", "gateway change_horizon SELECT",
        "gateway changes SELECT", "gateway gateway_nodes SELECT INSERT UPDATE DELETE",
        "gateway schema_migrations SELECT",
      ])
  }

  /// What every gateway has in its snapshot, and so of all tenants; no name, no address, no password.
  @Test func showsGatewaysTheseColumnsOnly() async throws {
    let shown = try await Catalogue.texts(
      """
      SELECT c.relname || ': ' || string_agg(a.attname, ' ' ORDER BY a.attname)
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
        AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname IN ('tenant_id', 'slug'))
        AND has_column_privilege('latchkey_gateway', c.oid, a.attnum, 'SELECT')
      GROUP BY c.relname
      ORDER BY 1
      """)
    #expect(shown == Self.gatewayColumns)
  }

  private static let gatewayColumns = [
    "api_groups: access_mode access_mode_online access_mode_preview access_mode_test cors_credentials "
      + "cors_exposed_headers cors_headers cors_max_age cors_methods cors_origins id key_headers limit_policy_online "
      + "limit_policy_preview limit_policy_test prefix tenant_id",
    "authorization_targets: authorization_id environment group_id subscription_key_id tenant_id",
    "authorizations: expires_at id limit_policy_id subscriber_tenant_id subscription_key_id tenant_id",
    "changes: at entity_id id kind tenant_id transaction_id",
    "deployments: backend_headers_sealed backend_url ended_at environment group_id id mock_body mock_headers"
      + " mock_status revision_id tenant_id",
    "domains: environment group_id host id state tenant_id",
    "limit_policies: id mode overdraft_per_day overdraft_per_hour overdraft_per_minute overdraft_per_month"
      + " overdraft_per_second per_day per_hour per_minute per_month per_second tenant_id",
    "revision_apis: api_id match method path revision_id tenant_id",
    "subscription_keys: deleted_at expires_at id providers state tenant_id",
    "subscription_secrets: digest expires_at id last_used_at subscription_key_id tenant_id",
    "tenants: id slug state",
  ]

  @Test func keepsSequencesFromLogins() async throws {
    let shown = try await Catalogue.texts(
      """
      SELECT relname::text FROM pg_class, unnest(ARRAY['latchkey_console', 'latchkey_gateway']) AS login
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
        AND has_sequence_privilege(login, oid, 'USAGE, SELECT, UPDATE')
      """)
    #expect(shown == [])
  }

  /// A view of several tenants' rows is the owner's, and has the tenant in its own condition.
  @Test func bindsViewsToTheTenant() async throws {
    let views = try await Catalogue.texts(
      """
      SELECT concat_ws(' ', relname, relkind, reloptions, pg_get_viewdef(oid) LIKE '%current_tenant()%') FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
        AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
      ORDER BY 1
      """)
    #expect(
      views == [
        // The name of the key and of its tenant, to whoever authorized it.
        "authorized_subscriptions v {security_barrier=true} t",
        // The name of the group and of its tenant, to whoever was authorized.
        "received_authorizations v {security_barrier=true} t",
        // The same without the groups.
        "received_grants v {security_barrier=true} t",
        // What is left of their limits.
        "received_limits v {security_barrier=true} t",
        // The targets by themselves, of others.
        "received_targets v {security_barrier=true} t",
        // Which of its authorizations do not count, to whoever made them.
        "withdrawn_authorizations v {security_barrier=true} t",
      ])
    try await Twins.run { twins in
      try await Probe.prepare()
      try await Catalogue.run("UPDATE subscription_keys SET providers = '{nobody}'")
      let statements = [
        "SELECT FROM authorized_subscriptions", "SELECT FROM received_authorizations", "SELECT FROM received_grants",
        "SELECT FROM received_limits", "SELECT FROM received_targets", "SELECT FROM withdrawn_authorizations",
      ]
      for settings: TransactionSettings in [["latchkey.tenant_id": ""], .none] {
        #expect(
          try await Probe.outcomes(of: statements, as: "latchkey_console", settings) == ["0", "0", "0", "0", "0", "0"])
      }
      // One's own key by oneself and, which alone is of another, by the other; and the other's. Both are limited by
      // themselves, and with all callers.
      let own: TransactionSettings = ["latchkey.tenant_id": twins.acme.tenant.description]
      #expect(try await Probe.outcomes(of: statements, as: "latchkey_console", own) == ["2", "2", "2", "4", "1", "2"])
    }
  }

  @Test func showsTheOwnerEverything() async throws {
    try await Twins.run { twins in
      try await Catalogue.run(
        """
        INSERT INTO gateway_nodes (id, name, lease_expires_at, refuses_at) VALUES ('n', 'n', now(), now())
        """)
      for table in try await Catalogue.tables() {
        let count = DynamicSQL.texts("SELECT count(*)::text FROM \(table.name)")
        let all = try await TestDatabase.current.withPool { try await $0.run(count) }
        let seen = try await TestDatabase.current.withPool(user: "latchkey_owner") { try await $0.run(count) }
        #expect(seen == all && seen != ["0"], "\(table.name)")
      }
    }
  }

  /// A claim of a host is between its tenant and the operator until it is verified.
  @Test func showsGatewaysNoClaimOfAHost() async throws {
    try await Twins.run { _ in
      try await Probe.prepare()
      #expect(try await Probe.outcomes(of: ["SELECT FROM domains"], as: "latchkey_gateway") == ["0"])
    }
  }

  /// What a login may read of all tenants, or of nobody's, it is shown whole: a policy that is missing hides it.
  @Test func showsLoginsWhatTheyMayRead() async throws {
    try await Twins.run { _ in
      try await Probe.prepare()
      try await Catalogue.run(
        """
        INSERT INTO gateway_nodes (id, name, lease_expires_at, refuses_at) VALUES ('n', 'n', now(), now());
        UPDATE domains SET state = 'verified', verified_at = now()
        """)
      for login in ["latchkey_owner", "latchkey_console", "latchkey_gateway"] {
        for table in try await Catalogue.tables() where login != "latchkey_console" || table.tenantColumn == nil {
          let statement = "SELECT FROM \(table.name)"
          let all = try await Catalogue.texts("SELECT count(*)::text FROM \(table.name)")
          let seen = try await Probe.outcomes(of: [statement], as: login)
          #expect(seen == all || seen == ["42501"], "\(login): \(statement)")
        }
      }
      let use = "UPDATE subscription_secrets SET last_used_at = now()"
      let all = try await Catalogue.texts("SELECT count(*)::text FROM subscription_secrets")
      #expect(try await Probe.outcomes(of: [use], as: "latchkey_gateway") == all)
    }
  }
}
