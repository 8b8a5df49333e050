import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What is under a limit policy: authorizations, each key by itself, and groups in environments, their callers together.
@Suite(.latchkey, .serialized)
struct LimitPolicyUseTests {
  @Test func limitsAnAuthorization() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group) = (try await api.key(of: acme), try await api.liveGroup(of: acme))
      let (first, second) = (
        try await api.limitPolicy(of: acme, name: "First").id, try await api.limitPolicy(of: acme, name: "Second").id
      )
      let created = try await api.authorize(key, for: [(group, "online")], as: acme, under: first)
      #expect(created.status == 201)
      #expect(created["limitPolicyId"]?.text == first && created["limitPolicyName"] == "First")
      let path = "/authorizations/\(created.id)"
      #expect(try await api.send(.get, path, as: acme).json == created.json)
      #expect(try await api.send(.get, "/authorizations", as: acme).items == [created.json])
      var moved = Answer?.none
      let wakes = try await api.wakes {
        moved = try await api.send(.patch, path, as: acme, ["limitPolicyId": .string(second)])
      }
      #expect(wakes == 1 && moved?.status == 200)
      #expect(moved?["limitPolicyName"] == "Second" && moved?["targets"] == created["targets"])
      let kept = try await api.send(
        .patch, path, as: acme, ["description": "x", "targets": [.target(group)]])
      #expect(kept["limitPolicyId"]?.text == second)
      let cleared = try await api.send(.patch, path, as: acme, ["limitPolicyId": .null])
      #expect(cleared["limitPolicyId"] == .null && cleared["limitPolicyName"] == .null)
      let events = try await api.send(.get, "/audit-events?action=authorization.updated&sort=occurredAt", as: acme)
      #expect(
        events.items.first?["particulars"]?["change"]
          == ["after": ["limitPolicyId": .string(second)], "before": ["limitPolicyId": .string(first)]])
    }
  }

  @Test func limitsAGroupInAnEnvironment() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: acme)
      let policy = try await api.limitPolicy(of: acme, name: "Shared").id
      let path = "/api-groups/\(group)/environments"
      let tag: HTTPFields = [.ifMatch: try #require(try await api.send(.get, path + "/test", as: acme).headers[.eTag])]
      var changed = Answer?.none
      let wakes = try await api.wakes {
        changed = try await api.send(
          .patch, path + "/online", as: acme, ["limitPolicyId": .string(policy)], headers: tag)
      }
      #expect(wakes == 1 && changed?.status == 200)
      #expect(changed?["limitPolicyId"]?.text == policy && changed?["limitPolicyName"] == "Shared")
      #expect(changed?["accessMode"] == .null && changed?["version"] == "0.0.1")
      let late = try await api.send(.patch, path + "/online", as: acme, ["limitPolicyId": .null], headers: tag)
      #expect(late.status == 412)
      // Neither of the two changes touches the other, nor another environment, nor does a release.
      #expect(try await api.send(.patch, path + "/test", as: acme, ["accessMode": "open"]).status == 200)
      #expect(try await api.send(.patch, path + "/online", as: acme, ["accessMode": "observe"]).status == 200)
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: acme).status == 204)
      #expect(try await api.release(of: group, as: acme).status == 201)
      let shown = try await api.send(.get, path, as: acme).items
      #expect(shown.map { $0["limitPolicyId"] } == [.null, .null, .string(policy)])
      #expect(shown.map { $0["accessMode"] } == ["open", .null, "observe"])
      #expect(try await api.send(.get, "/api-groups/\(group)", as: acme)["environments"]?.elements == shown)
      #expect(try await api.send(.get, "/api-groups", as: acme).items.first?["environments"]?.elements == shown)
      let cleared = try await api.send(.patch, path + "/online", as: acme, ["limitPolicyId": .null])
      #expect(cleared["limitPolicyId"] == .null && cleared["limitPolicyName"] == .null)
    }
  }

  @Test func answersAnothersPolicyAsAnAbsentOne() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (key, group) = (try await api.key(of: acme), try await api.liveGroup(of: acme))
      let own = try await api.limitPolicy(of: acme).id
      let given = try await api.authorize(key, for: [(group, "online")], as: acme, under: own).id
      let environment = "/api-groups/\(group)/environments/online"
      #expect(try await api.send(.patch, environment, as: acme, ["limitPolicyId": .string(own)]).status == 200)
      let others = try await api.key(of: globex)
      let creation: JSONValue = [
        "type": "subscriptionKey", "subscriptionId": .string(others), "targets": [.target(group)],
      ]
      let foreign = try await api.limitPolicy(of: globex).id
      for (method, path, body) in [
        (.post, "/authorizations", creation), (.patch, "/authorizations/\(given)", [:]), (.patch, environment, [:]),
      ] as [(HTTPRequest.Method, String, JSONValue)] {
        func ask(_ id: String) async throws -> Answer {
          try await api.send(method, path, as: acme, body.adding(["limitPolicyId": .string(id)]))
        }
        let absent = try await ask("\(ID<LimitPolicy>.random())")
        #expect(absent.status == 422 && absent.pointers == ["/limitPolicyId"], "\(path)")
        for id in [foreign, "x", "", given] {
          #expect(try await ask(id).comparable == absent.comparable, "\(path) \(id)")
        }
      }
      #expect(try await api.send(.get, "/authorizations/\(given)", as: acme)["limitPolicyId"]?.text == own)
      #expect(try await api.send(.get, environment, as: acme)["limitPolicyId"]?.text == own)
      #expect(try await api.send(.get, "/authorizations", as: acme).items.count == 1)
      for (method, body) in [(.get, nil), (.patch, ["name": "x"]), (.delete, nil)] as [(HTTPRequest.Method, JSONValue?)]
      {
        let absent = try await api.send(method, "/limit-policies/\(ID<LimitPolicy>.random())", as: acme, body)
        let other = try await api.send(method, "/limit-policies/\(foreign)", as: acme, body)
        #expect(absent.status == 404 && other.comparable == absent.comparable)
      }
    }
  }

  @Test func tellsOfEveryBadReferenceAtOnce() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let refused = try await api.authorize("x", for: [("y", "online")], as: acme, under: "z")
      #expect(refused.status == 422)
      #expect(refused.pointers.sorted() == ["/limitPolicyId", "/subscriptionId", "/targets/0/groupId"])
    }
  }

  @Test func staysWhileSomethingIsUnderIt() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (key, group) = (try await api.key(of: globex), try await api.liveGroup(of: acme))
      let policy = try await api.limitPolicy(of: acme).id
      let (path, environment) = ("/limit-policies/\(policy)", "/api-groups/\(group)/environments/online")
      let given = try await api.authorize(key, for: [(group, "online")], as: acme, under: policy)
      #expect(try await api.send(.patch, environment, as: acme, ["limitPolicyId": .string(policy)]).status == 200)
      let refused = try await api.send(.delete, path, as: acme)
      #expect(refused.status == 409 && refused.code == "limit_policy_in_use")
      #expect(
        refused["uses"] == [
          "authorizations": [["id": .string(given.id), "subscription": given["subscription"] ?? .null]],
          "environments": [["groupId": .string(group), "groupName": "Group pets", "environment": "online"]],
          "more": false,
        ])
      #expect(try await api.send(.patch, environment, as: acme, ["limitPolicyId": .null]).status == 200)
      #expect(try await api.send(.delete, path, as: acme)["uses"]?["environments"] == [])
      #expect(try await api.send(.delete, "/authorizations/\(given.id)", as: acme).status == 204)
      #expect(try await api.send(.delete, path, as: acme).status == 204)
      for method in [HTTPRequest.Method.get, .delete] {
        #expect(try await api.send(method, path, as: acme).status == 404)
      }
      // Other refusals have nothing to say of it.
      #expect(try await api.send(.delete, path, as: acme).json?.memberNames.contains("uses") == false)
    }
  }

  @Test func tellsSomeOfManyUses() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (group, policy) = (try await api.liveGroup(of: acme), try await api.limitPolicy(of: acme).id)
      var given: [String] = []
      for _ in 0..<22 {
        given.append(
          try await api.authorize(try await api.key(of: acme), for: [(group, "online")], as: acme, under: policy).id)
      }
      let refused = try await api.send(.delete, "/limit-policies/\(policy)", as: acme)
      let told = refused["uses"]?["authorizations"]?.elements ?? []
      #expect(told.map { $0["id"]?.text ?? "" } == given.reversed().prefix(20).map(\.self))
      #expect(refused["uses"]?["more"] == true)
      let page = try await api.send(.get, "/authorizations?limitPolicyId=\(policy)&limit=200", as: acme)
      #expect(page.items.map { $0["id"]?.text ?? "" } == given.reversed())
    }
  }

  @Test func listsWhatIsUnderAPolicy() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (pets, toys) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: acme, prefix: "toys"))
      let (used, unused) = (try await api.limitPolicy(of: acme).id, try await api.limitPolicy(of: acme).id)
      let limited = try await api.authorize(
        try await api.key(of: acme), for: [(pets, "online"), (toys, "online")], as: acme, under: used
      ).id
      #expect(try await api.authorize(try await api.key(of: acme), for: [(pets, "online")], as: acme).status == 201)
      #expect(
        try await api.send(
          .patch, "/api-groups/\(toys)/environments/preview", as: acme, ["limitPolicyId": .string(used)]
        ).status == 200)
      let foreign = try await api.limitPolicy(of: globex).id
      for (query, expected) in [
        ("", [limited]), ("&groupId=\(toys)", [limited]), ("&environment=test", []), ("&state=active", [limited]),
        ("&state=expired", []), ("&q=key", [limited]), ("&sort=createdAt", [limited]),
      ] {
        let answer = try await api.send(.get, "/authorizations?limitPolicyId=\(used)" + query, as: acme)
        #expect(answer.items.compactMap { $0["id"]?.text } == expected, "\(query)")
      }
      for (query, expected) in [("", [toys]), ("&q=TOYS", [toys]), ("&q=pets", []), ("&sort=name", [toys])] {
        let answer = try await api.send(.get, "/api-groups?limitPolicyId=\(used)" + query, as: acme)
        #expect(answer.items.compactMap { $0["id"]?.text } == expected, "\(query)")
      }
      for policy in [unused, foreign, "\(ID<LimitPolicy>.random())"] {
        for list in ["/authorizations", "/api-groups"] {
          let answer = try await api.send(.get, "\(list)?limitPolicyId=\(policy)", as: acme)
          #expect(answer.status == 200 && answer.items.isEmpty)
        }
      }
      #expect(try await api.send(.get, "/authorizations?limitPolicyId=x", as: acme).pointers == ["?limitPolicyId"])
    }
  }

  /// Either the policy stays and the authorization is under it, or there are neither.
  @Test func isNeverDeletedUnderneath() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let acme = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: acme)
      let environment = "/api-groups/\(group)/environments/test"
      for round in 0..<8 {
        let (key, policy) = (try await api.key(of: acme), try await api.limitPolicy(of: acme).id)
        async let deleted = api.send(.delete, "/limit-policies/\(policy)", as: acme).status
        let used =
          if round.isMultiple(of: 2) {
            try await api.authorize(key, for: [(group, "online")], as: acme, under: policy).status
          } else {
            try await api.send(.patch, environment, as: acme, ["limitPolicyId": .string(policy)]).status
          }
        let outcome = (try await deleted, used / 100)
        #expect(outcome == (409, 2) || outcome == (204, 4), "\(outcome)")
        let found = try await api.send(.get, "/limit-policies/\(policy)", as: acme).status
        #expect(found == (outcome.0 == 409 ? 200 : 404))
      }
    }
  }

  @Test func tellsACallerItsLimitsAndNotWhoseTheyAre() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (key, group) = (try await api.key(of: globex), try await api.liveGroup(of: acme))
      #expect(try await api.release(of: group, to: "test", as: acme).status == 201)
      let own = try await api.limitPolicy(
        of: acme, name: "Cheap ones",
        [["requests": 9, "per": "day"], ["requests": 2, "per": "second", "overdraft": 7]])
      let shared = try await api.limitPolicy(of: acme, name: "Weak box", [["requests": 500, "per": "month"]])
      let given = try await api.authorize(key, for: [(group, "online"), (group, "test")], as: acme, under: own.id)
      #expect(
        try await api.send(
          .patch, "/api-groups/\(group)/environments/test", as: acme, ["limitPolicyId": .string(shared.id)]
        ).status == 200)
      let path = "/subscription-keys/\(key)/authorizations"
      let received = try await api.send(.get, path, as: globex)
      let item = try #require(received.items.first)
      #expect(
        item["limitPolicy"] == [
          "mode": "enforce", "limits": [["requests": 2, "per": "second"], ["requests": 9, "per": "day"]],
        ])
      #expect(
        item["targets"]?.elements?.map { $0["limitPolicy"] } == [
          ["mode": "enforce", "limits": [["requests": 500, "per": "month"]]], .null,
        ])
      for text in [own.id, shared.id, "Cheap ones", "Weak box", "overdraft"] {
        #expect(!received.text.contains(text), "\(text)")
      }
      #expect(try await api.send(.patch, "/limit-policies/\(own.id)", as: acme, ["mode": "observe"]).status == 200)
      #expect(try await api.send(.get, path, as: globex).items.first?["limitPolicy"]?["mode"] == "observe")
      let export = try await TestDatabase.current.withPool(user: "latchkey_owner") { owner in
        try await owner.run(
          DynamicSQL.texts(
            "SELECT content FROM export_tenant('\(globex.tenant)') WHERE relation = 'received_authorizations'"))
      }
      let told = try export.map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(told.map { $0["limits"]?["per_day"] } == [9, 9])
      #expect(Set(told.map { $0["shared_limits"]?["per_month"] ?? .null }) == [.null, 500])
      #expect(
        try await api.send(.patch, "/authorizations/\(given.id)", as: acme, ["limitPolicyId": .null]).status == 200)
      #expect(try await api.send(.get, path, as: globex).items.first?["limitPolicy"] == .null)
    }
  }
}

extension JSONValue {
  /// An object with the members of another behind its own.
  fileprivate func adding(_ other: JSONValue) -> JSONValue {
    guard case .object(let members) = self, case .object(let more) = other else { return self }
    return .object(members + more)
  }
}
