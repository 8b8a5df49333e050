import Contract
import FoundationEssentials
import HTTPTypes
import Model
import TestPostgres
import Testing

/// `?dryRun=true`: a change is refused as it would be, else it answers who called through what it takes away; nothing is
/// changed either way.
@Suite(.latchkey, .timeLimit(.minutes(10)))
struct DryRunTests {
  /// What every table has but for when sessions were used, as one text.
  private static func everything() async throws -> String {
    let tables = try await Catalogue.tables().map(\.name).filter { $0 != "sessions" }
    let parts = tables.map { table in
      """
      SELECT concat_ws(' ', '\(table)', md5(string_agg(to_jsonb(r)::text, ',' ORDER BY to_jsonb(r)::text)))
      FROM \(table) r
      """
    }
    return try await Catalogue.texts(parts.joined(separator: " UNION ALL ")).sorted().joined(separator: "\n")
  }

  @Test func tellsWhoCalledThroughEachChangeAndMakesNone() async throws {
    try await DryRunSetup.run { setup in
      let digest = try await Catalogue.texts(
        "SELECT digest::text FROM subscription_secrets WHERE id = '\(setup.secret)'")
      try await setup.record(1, api: setup.pets)
      try await setup.record(2, "test", api: setup.pets)
      try await Catalogue.run("SELECT roll_up_usage()")
      try await Catalogue.run(
        Harness.recordUsage(
          of: setup.group, api: setup.toys, secret: digest.first ?? "", sequence: 4, for: setup.acme.tenant))
      try await setup.record(8, outcome: "refused", reason: "limitExceeded")
      _ = try await setup.api.api(of: setup.acme, in: setup.group, path: "/other")
      for item in try await setup.api.send(.get, "/api-groups/\(setup.group)/apis", as: setup.acme).items
      where item["path"] == "/toys" {
        let path = "/api-groups/\(setup.group)/apis/\(item["id"]?.text ?? "")"
        try #require(try await setup.api.send(.delete, path, as: setup.acme).status == 204)
      }
      _ = try await setup.api.revision("0.0.2", of: setup.group, as: setup.acme)
      let domain = try await setup.api.claim("api.acme.example", for: setup.group, as: setup.acme).id
      try await Catalogue.run("UPDATE domains SET state = 'verified', verified_at = now()")
      let (key, group) = ("/subscription-keys/\(setup.key)", "/api-groups/\(setup.group)")
      let (authorization, later) = ("/authorizations/\(setup.authorization)", "2099-01-01T00:00:00Z")
      func release(_ version: String, _ environment: String) -> JSONValue {
        [
          "version": .string(version), "environment": .string(environment),
          "backend": ["type": "http", "url": "http://backend.example/"],
        ]
      }
      let policy = "/limit-policies/\(setup.policy)"
      let before = try await Self.everything()
      let wakes = try await setup.api.wakes {
        for (caller, method, path, body, requests) in [
          (setup.globex, .delete, key, nil, 7), (setup.globex, .delete, "\(key)?compromised=true&wait=10s", nil, 7),
          (setup.globex, .patch, key, ["name": "Other"], 0), (setup.globex, .patch, key, ["state": "disabled"], 7),
          (setup.globex, .patch, key, ["expiresAt": .string(later)], 7),
          (setup.globex, .patch, key, ["expiresAt": .null], 0),
          (setup.globex, .patch, key, ["providers": ["globex"]], 7),
          (setup.globex, .patch, key, ["providers": ["acme"]], 0),
          (setup.globex, .delete, "\(key)/secrets/\(setup.secret)", nil, 4),
          (setup.globex, .patch, "\(key)/secrets/\(setup.secret)", ["expiresAt": .string(later)], 4),
          (setup.acme, .delete, authorization, nil, 7),
          (setup.acme, .patch, authorization, ["targets": [.target(setup.group, "test")]], 5),
          (setup.acme, .patch, authorization, ["targets": [.target(setup.group), .target(setup.group, "test")]], 0),
          (setup.acme, .patch, authorization, ["expiresAt": .string(later)], 7),
          (setup.acme, .patch, authorization, ["limitPolicyId": .string(setup.policy)], 0),
          (setup.acme, .patch, authorization, ["description": "x", "limitPolicyId": .null], 0),
          (setup.acme, .patch, policy, ["limits": [["requests": 1, "per": "minute"]]], 7),
          (setup.acme, .patch, policy, ["limits": [["requests": 101, "per": "minute"]]], 0),
          (setup.acme, .patch, "\(group)/environments/test", ["limitPolicyId": .string(setup.policy)], 2),
          (setup.acme, .patch, group, ["name": "Other"], 0), (setup.acme, .patch, group, ["keyHeaders": .null], 0),
          (setup.acme, .delete, "\(group)/deployments/online", nil, 5),
          (setup.acme, .post, "\(group)/deployments", release("0.0.2", "online"), 4),
          (setup.acme, .post, "\(group)/deployments", release("0.0.1", "online"), 0),
          (setup.acme, .post, "\(group)/deployments", release("0.0.2", "preview"), 0),
          (setup.acme, .delete, "/domains/\(domain)", nil, 5),
          (setup.acme, .patch, "/domains/\(domain)", ["environment": "test"], 5),
        ] as [(Caller, HTTPRequest.Method, String, JSONValue?, Int)] {
          let answer = try await setup.trying(method, path, body, as: caller)
          #expect(answer.status == 200 && answer["dryRun"] == true, "\(method) \(path): \(answer.text)")
          #expect(answer["requests"]?.wholeNumber == requests, "\(method) \(path) \(body ?? .null): \(answer.text)")
          #expect((answer["lastCalledAt"] == .null) == (requests == 0))
        }
      }
      #expect(wakes == 0)
      #expect(try await Self.everything() == before)
    }
  }

  @Test func tellsThePartiesWhatTheyMayKnow() async throws {
    try await DryRunSetup.run { setup in
      try await setup.record(1)
      try await setup.record(2, "test")
      let caller = try await setup.trying(.delete, "/subscription-keys/\(setup.key)", as: setup.globex)
      let provider = try await setup.trying(
        .delete, "/api-groups/\(setup.group)/deployments/online", as: setup.acme)
      for (answer, count) in [(caller, 2), (provider, 1)] {
        #expect(answer["callers"]?.elements?.count == count && answer["more"] == false)
        let last = answer["callers"]?.elements?.last
        #expect(last?["subscriptionId"]?.text == setup.key && last?["groupId"]?.text == setup.group)
        #expect(last?["subscriptionName"] == "Key" && last?["tenant"]?["slug"] == "globex")
        #expect(last?["groupName"] == "Group pets" && last?["environment"] == "online" && last?["requests"] == 1)
      }
      #expect(caller["callers"]?.elements?.first?["requests"] == 2)
      // From then on neither learns what the other's is called.
      try #require(
        try await setup.api.send(.delete, "/authorizations/\(setup.authorization)", as: setup.acme).status == 204)
      let after = [
        try await setup.trying(.delete, "/subscription-keys/\(setup.key)", as: setup.globex),
        try await setup.trying(.delete, "/api-groups/\(setup.group)/deployments/online", as: setup.acme),
      ]
      let items = after.compactMap { $0["callers"]?.elements?.last }
      #expect(items.first?["groupName"] == .null && items.first?["subscriptionName"] == "Key")
      #expect(items.last?["subscriptionName"] == .null && items.last?["tenant"] == .null)
      #expect(items.last?["subscriptionId"]?.text == setup.key && items.last?["groupName"] == "Group pets")
    }
  }

  /// Whoever turns authorization on sees whom it would refuse, as things are now.
  @Test func tellsWhoIsNotAuthorizedBeforeThatIsRequired() async throws {
    try await DryRunSetup.run { setup in
      let path = "/api-groups/\(setup.group)"
      try #require(try await setup.api.send(.patch, path, as: setup.acme, ["accessMode": "observe"]).status == 200)
      let other = try await setup.api.key(of: setup.globex)
      try await setup.record(1)
      // Before it was authorized.
      try await setup.record(2, outcome: "observed", reason: "notAuthorized")
      try await setup.record(4, key: other, outcome: "observed", reason: "notAuthorized")
      try await setup.record(8, key: "", outcome: "observed", reason: "credentialMissing")
      for (path, body, requests) in [
        (path, ["accessMode": "required"], 12), (path, ["accessMode": "open"], 0),
        (path + "/environments/online", ["accessMode": "required"], 12),
        (path + "/environments/test", ["accessMode": "required"], 0),
        (path + "/environments/online", ["accessMode": .null], 0),
      ] as [(String, JSONValue, Int)] {
        let answer = try await setup.trying(.patch, path, body, as: setup.acme)
        #expect(answer["requests"]?.wholeNumber == requests, "\(path) \(body): \(answer.text)")
        guard requests > 0 else { continue }
        let callers = answer["callers"]?.elements ?? []
        #expect(callers.map { $0["subscriptionId"]?.text } == [nil, other])
      }
      // Where it is required already, nobody is refused by it.
      let environment = path + "/environments/online"
      try #require(
        try await setup.api.send(.patch, environment, as: setup.acme, ["accessMode": "required"]).status == 200)
      #expect(try await setup.trying(.patch, path, ["accessMode": "required"], as: setup.acme)["requests"] == 0)
    }
  }

  @Test func tellsOfThirtyDaysToTheHourAndOfTheLatestCalls() async throws {
    try await DryRunSetup.run { setup in
      let ages = [
        "0 seconds", "1 day", "29 days 12 hours", "29 days 23 hours 59 minutes", "30 days 61 minutes", "40 days",
      ]
      for (place, age) in ages.enumerated() { try await setup.record(1 << place, ago: age) }
      for isSummed in [false, true] {
        if isSummed { try await Catalogue.run("SELECT roll_up_usage()") }
        let answer = try await setup.trying(.delete, "/subscription-keys/\(setup.key)", as: setup.globex)
        #expect(answer["requests"] == 15, "\(answer.text)")
        let times = try ["since", "until", "lastCalledAt"].map { name in
          try #require(answer[name]?.text.flatMap(RFC3339.date))
        }
        #expect(times[1].timeIntervalSince(times[0]) < 30 * 86_400 + 3600)
        #expect(times[1].timeIntervalSince(times[2]) < 600)
      }
    }
  }

  @Test func namesAHundredCallersAndCountsAll() async throws {
    try await DryRunSetup.run { setup in
      try await setup.record(1)
      try await Catalogue.run(
        """
        INSERT INTO usage_recent (
          tenant_id, side, starts_at, own_id, other_id, part_id, environment, outcome, reason, requests, informational,
          successful, redirected, client_errors, server_errors, bytes_in, bytes_out, duration, latencies, last_called_at)
        SELECT r.tenant_id, r.side, r.starts_at, r.own_id, 'sub_' || lpad(i::text, 26, '0'), '', r.environment, r.outcome,
          r.reason, i, 0, i, 0, 0, 0, 0, 0, 0, 0, r.last_called_at
        FROM usage_recent r, generate_series(1, 120) i
        WHERE r.side = 'provider'
        """)
      let answer = try await setup.trying(
        .delete, "/api-groups/\(setup.group)/deployments/online", as: setup.acme)
      let requests = answer["callers"]?.elements?.compactMap { $0["requests"]?.wholeNumber } ?? []
      #expect(requests == (21...120).reversed())
      #expect(answer["more"] == true && answer["requests"]?.wholeNumber == 120 * 121 / 2 + 1)
    }
  }

  @Test func refusesAsTheChangeWould() async throws {
    try await DryRunSetup.run { setup in
      let (key, group) = ("/subscription-keys/\(setup.key)", "/api-groups/\(setup.group)")
      let viewer = try await setup.api.account(.viewer, besides: setup.globex)
      let developer = try await setup.api.account(.developer, besides: setup.globex)
      let stale = HTTPFields([HTTPField(name: .ifMatch, value: "\"1\"")])
      let release: JSONValue = [
        "version": "0.0.1", "environment": "preview", "backend": ["type": "http", "url": "http://backend.example/"],
      ]
      // What only the commit looks at, the change is refused for as well.
      try await limit(setup.acme.tenant, TenantQuotas.Changes(liveAPIs: 4))
      for (caller, method, path, body, status) in [
        (viewer, .delete, key, nil, 403), (developer, .delete, key, nil, 403), (setup.acme, .delete, key, nil, 404),
        (setup.globex, .delete, "\(group)/deployments/online", nil, 404),
        (setup.globex, .delete, "/authorizations/\(setup.authorization)", nil, 404),
        (setup.globex, .delete, group, nil, 404), (setup.acme, .delete, group, nil, 409),
        (setup.acme, .delete, "\(group)/deployments/preview", nil, 404),
        (setup.acme, .delete, "/limit-policies/\(setup.policy)", nil, 409),
        (setup.globex, .patch, key, ["state": "lost"], 422), (setup.globex, .patch, key, ["colour": "red"], 422),
        (setup.acme, .patch, "\(group)/environments/online", ["limitPolicyId": "x"], 422),
        (setup.acme, .post, "\(group)/deployments", release, 409),
      ] as [(Caller, HTTPRequest.Method, String, JSONValue?, Int)] {
        let answer = try await setup.trying(method, path, body, as: caller)
        #expect(answer.status == status, "\(method) \(path): \(answer.text)")
        let done = try await setup.api.send(method, path, as: caller, body)
        #expect(done.comparable == answer.comparable, "\(method) \(path)")
      }
      let late = try await setup.api.send(
        .patch, key + "?dryRun=true", as: setup.globex, ["state": "disabled"], headers: stale)
      #expect(late.status == 412)
    }
  }

  @Test(arguments: ["dryRun=", "dryRun=yes", "dryRun=1", "dryRun=TRUE", "dryRun=true&dryRun=true", "dryRun"])
  func refusesWhatIsNeitherAndChangesNothing(query: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let answer = try await api.send(.delete, "\(path)?\(query)", as: owner)
      #expect(answer.status == 422 && answer.pointers == ["?dryRun"])
      #expect(try await api.send(.get, path, as: owner)["state"] == "active")
      #expect(try await api.send(.delete, path + "?dryRun=false", as: owner).status == 204)
    }
  }

  @Test(arguments: [("GET", "/subscription-keys"), ("POST", "/subscription-keys"), ("DELETE", "/sessions/current")])
  func isTakenWhereSomethingIsTakenAwayOnly(method: String, path: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let body: JSONValue? = method == "POST" ? ["name": "x"] : nil
      let answer = try await api.send(HTTPRequest.Method(method)!, path + "?dryRun=true", as: owner, body)
      #expect(answer.status == 422 && answer.pointers == ["?dryRun"])
    }
  }

  @Test func leavesAnIdempotencyKeyUnused() async throws {
    try await DryRunSetup.run { setup in
      let once = HTTPFields([HTTPField(name: HTTPField.Name("Idempotency-Key")!, value: "once")])
      let body: JSONValue = [
        "version": "0.0.1", "environment": "preview", "backend": ["type": "http", "url": "http://backend.example/"],
      ]
      let path = "/api-groups/\(setup.group)/deployments"
      for (query, status) in [("?dryRun=true", 200), ("?dryRun=true", 200), ("", 201)] {
        let answer = try await setup.api.send(.post, path + query, as: setup.acme, body, headers: once)
        #expect(answer.status == status && answer.headers[HTTPField.Name("Idempotent-Replayed")!] == nil)
      }
    }
  }
}
