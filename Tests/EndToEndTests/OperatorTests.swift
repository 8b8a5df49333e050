import Contract
import Foundation
import NIOHTTP1
import Postgres
import TestPostgres
import Testing

/// The operator's commands, by the real binary around a running installation.
@Suite(.database, .timeLimit(.minutes(10))) struct OperatorTests {
  private func operate(_ arguments: String...) async -> RunningLatchkey.Ending {
    await RunningLatchkey.run(arguments, environment: TestDatabase.current.configuration.environment)
  }

  private func field(_ name: String, of output: String) throws -> String {
    try #require(
      output.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: " ").last.map(String.init))
  }

  @Test func suspensionHoldsEverywhereAndEnds() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(environment: environment) { latchkey in
      let (console, gateway) = (latchkey.address(of: "console"), "http://\(latchkey.address(of: "gateway"))")
      let (acme, globex) = (try await Tenancy("acme", at: console), try await Tenancy("globex", at: console))
      let (key, secret) = try await globex.key()
      let mock: JSONValue = ["type": "mock", "status": 200, "headers": [:], "body": "ok"]
      let pets = try await acme.release("pets", backend: mock)
      let toys = try await globex.release("toys", backend: mock)
      _ = try await acme.authorize(key, for: pets)
      let own = try await acme.key()
      _ = try await globex.authorize(own.id, for: toys)
      let (toPets, toToys) = ("\(gateway)/acme/online/pets/1", "\(gateway)/globex/online/toys/1")
      #expect(try await Caller.untilStatus(200, toPets, headers: keyed(secret)).status == 200)
      #expect(try await Caller.untilStatus(200, toToys, headers: keyed(own.secret)).status == 200)

      #expect(await operate("tenant", "suspend", "globex").code == 0)
      #expect(try await Caller.untilStatus(401, toPets, headers: keyed(secret)).status == 401)
      #expect(try await Caller.untilStatus(404, toToys, headers: keyed(own.secret)).status == 404)
      #expect(try await globex.call(.GET, "/me").status == 401)
      #expect(try await acme.call(.GET, "/subscription-search?subscriptionId=\(key)").status == 404)
      #expect(await operate("tenant", "list").output.contains("globex\tsuspended\tGlobex"))
      #expect(await operate("tenant", "suspend", "globex").code != 0)

      #expect(await operate("tenant", "restore", "globex").code == 0)
      #expect(try await Caller.untilStatus(200, toPets, headers: keyed(secret)).status == 200)
      #expect(try await globex.call(.GET, "/me").status == 200)
      let events = try await globex.call(.GET, "/audit-events?action=tenant").json["items"]?.elements ?? []
      #expect(events.prefix(2).allSatisfy { $0["actor"]?.text == "operator" })
    }
  }

  /// One that cannot be removed, and much that there is of another, keep nothing else from being removed.
  @Test func removesWhatIsDueWhateverBecomesOfTheRest() async throws {
    let environment = TestDatabase.current.configuration.environment
    let old = try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      let console = latchkey.address(of: "console")
      for slug in ["stuck", "large"] { _ = try await Tenancy(slug, at: console) }
      let acme = try await Tenancy("acme", at: console)
      let key = try await acme.key().id
      #expect(try await acme.call(.DELETE, "/subscription-keys/\(key)").status == 204)
      return key
    }
    let database = TestDatabase.current.configuration
    try await SQLScript(
      """
      CREATE TABLE obstacle (LIKE accounts);
      ALTER TABLE obstacle RENAME tenant_id TO of_tenant;
      ALTER TABLE obstacle ADD FOREIGN KEY (of_tenant, id) REFERENCES accounts (tenant_id, id);
      INSERT INTO obstacle SELECT a.* FROM accounts a JOIN tenants t ON t.id = a.tenant_id WHERE t.slug = 'stuck';
      SET session_replication_role = replica;
      INSERT INTO subscription_keys (tenant_id, id, name)
      SELECT t.id, 'sub_' || lpad(i::text, 26, '0'), 'many' FROM tenants t, generate_series(1, 30000) i
      WHERE t.slug = 'large';
      INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix)
      SELECT tenant_id, 'sec_' || id, id, sha256(id::bytea), 'lk_00000' FROM subscription_keys WHERE name = 'many';
      UPDATE subscription_keys SET deleted_at = now() - interval '31 days' WHERE id = '\(old)';
      UPDATE tenants SET state = 'suspended', deletion_requested_at = now() - interval '31 days' WHERE slug <> 'acme'
      """
    ).run(on: database)
    try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      try await TestDatabase.current.withPool { pool in
        try await eventually {
          try await pool.only(
            Query<Int>(
              "test.left",
              """
              SELECT (SELECT count(*) FROM subscription_keys)
                + (SELECT count(*) FROM tenants WHERE slug = 'large' AND deletion_requested_at IS NOT NULL)
              """)) == 0
        }
      }
      try await eventually { latchkey.log.contains("could not prune") }
    }
    #expect(
      await operate("tenant", "list").output
        == "acme\tactive\tAcme\nlarge\tdeleted\tlarge\nstuck\tdeleting\tstuck\n")
  }

  @Test func createsResetsLimitsExportsAndDeletes() async throws {
    let environment = TestDatabase.current.configuration.environment
    try await RunningLatchkey.with(role: "console", environment: environment) { latchkey in
      let console = "http://\(latchkey.address(of: "console"))/v1"
      let created = await operate(
        "tenant", "create", "acme", "--name", "Acme", "--owner-email", "ann@acme.example", "--owner-name", "Ann")
      #expect(created.code == 0)
      func signIn(_ password: String) async throws -> Answer {
        let body: JSONValue = ["tenant": "acme", "email": "ann@acme.example", "password": .string(password)]
        return try await Caller.call(
          .POST, "\(console)/sessions", headers: [("Content-Type", "application/json")], body: body.string)
      }
      let first = try field("password", of: created.output)
      let session = try await signIn(first)
      #expect(session.status == 201)
      let token = try #require(try session.json["token"]?.text)

      for _ in 1...10 { #expect(try await signIn("not the password").status == 401) }
      #expect(try await signIn(first).status == 429)
      let reset = await operate("account", "reset", "--tenant", "acme", "--email", "ANN@acme.example")
      #expect(reset.code == 0)
      let bearer = [("Authorization", "Bearer \(token)")]
      #expect(try await Caller.call(.GET, "\(console)/me", headers: bearer).status == 401)
      let refused = try await signIn(first)
      #expect(refused.status == 401)
      let again = try await signIn(try field("password", of: reset.output))
      #expect(again.status == 201)
      #expect(await operate("account", "reset", "--tenant", "acme", "--email", "bob@acme.example").code != 0)
      // The only owner stays one.
      let demoted = await operate(
        "account", "reset", "--tenant", "acme", "--email", "ann@acme.example", "--role", "viewer")
      #expect(demoted.code != 0)
      #expect(try await signIn(try field("password", of: reset.output)).status == 201)
      let taken = await operate(
        "tenant", "create", "acme", "--name", "A", "--owner-email", "a@b.example", "--owner-name", "A")
      #expect(taken.code != 0)

      #expect(await operate("tenant", "quota", "acme", "--keys", "7").output.contains("keys\t0\tof 7\n"))
      #expect(await operate("tenant", "quota", "acme", "--keys=-1").code == 64)
      let limited = await operate(
        "tenant", "quota", "acme", "--live-apis", "8", "--live-bytes", "5000000000", "--targets", "9",
        "--revision-apis", "10", "--deployments", "11", "--accounts", "12", "--tokens", "13",
        "--limit-policies", "14")
      let ending = """
        live-apis\t0\tof 8
        live-bytes\t0\tof 5000000000
        targets\t0\tof 9
        revision-apis\t0\tof 10
        deployments\t0\tof 11
        accounts\t1\tof 12
        tokens\t0\tof 13
        limit-policies\t0\tof 14

        """
      #expect(limited.output.hasSuffix(ending))

      let export = await operate("tenant", "export", "acme")
      let rows = try export.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      let tables = Set(rows.compactMap { $0["table"]?.text })
      #expect(tables.isSuperset(of: ["tenants", "accounts", "audit_events"]))
      #expect(export.output.contains("ann@acme.example"))
      #expect(!export.output.contains("scrypt") && !export.output.contains("password_hash"))

      #expect(await operate("tenant", "delete", "acme", "--now").code != 0, "not before it was asked for")
      #expect(await operate("tenant", "delete", "acme").code == 0)
      #expect(await operate("tenant", "list").output.contains("acme\tto-be-deleted\tAcme"))
      #expect(await operate("tenant", "restore", "acme").code == 0)
      #expect(await operate("tenant", "delete", "acme").code == 0)
      #expect(await operate("tenant", "delete", "acme", "--now").code == 0)
      #expect(await operate("tenant", "list").output.contains("acme\tdeleted\tacme"))
      #expect(
        await operate(
          "tenant", "create", "acme", "--name", "A", "--owner-email", "a@a.example", "--owner-name", "A"
        ).code != 0, "a slug is never issued again")
      #expect(await operate("tenant", "suspend", "nobody").code != 0)
      #expect(await operate("audit", "verify").output == "installation: 1 events, 0 of them erased in part, whole\n")
    }
  }
}
