import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// A group's `cors` policy: given, merged and taken back.
@Suite(.latchkey, .serialized)
struct CORSPolicyTests {
  private static let origins: JSONValue = ["https://app.example"]

  private func draft(_ cors: JSONValue, prefix: String = "pets") -> JSONValue {
    ["name": "Pets", "prefix": .string(prefix), "accessMode": "open", "cors": cors]
  }

  @Test func isNoneUnlessItIsGiven() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      #expect(try await api.send(.get, "/api-groups/\(group)", as: owner)["cors"] == .null)
      let explicit = try await api.send(.post, "/api-groups", as: owner, draft(.null, prefix: "toys"))
      #expect(explicit.status == 201 && explicit["cors"] == .null)
    }
  }

  @Test func isShownWholeWithItsDefaults() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(
        .post, "/api-groups", as: owner, draft(["allowedOrigins": ["HTTPS://App.Example:443", "https://*.b.example"]]))
      #expect(created.status == 201)
      let expected: JSONValue = [
        "allowedOrigins": ["https://app.example", "https://*.b.example"], "allowedMethods": ["*"],
        "allowedHeaders": ["*"], "exposedHeaders": [], "allowCredentials": false, "maxAgeSeconds": 5,
      ]
      #expect(created["cors"] == expected)
      #expect(try await api.send(.get, "/api-groups/\(created.id)", as: owner)["cors"] == expected)
      #expect(try await api.send(.get, "/api-groups", as: owner).items.first?["cors"] == expected)
    }
  }

  @Test func isMergedMemberByMemberAndClearedByNull() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.liveGroup(of: owner))"
      func change(_ cors: JSONValue) async throws -> Answer {
        try await api.send(.patch, path, as: owner, ["cors": cors])
      }
      let wakes = try await api.wakes {
        let given = try await change([
          "allowedOrigins": Self.origins, "allowedMethods": ["GET", "PUT"], "allowedHeaders": ["Content-Type"],
          "exposedHeaders": ["X-A"], "allowCredentials": true, "maxAgeSeconds": 600,
        ])
        #expect(given.status == 200)
        #expect(given["environments"]?.elements?.last?["version"] == "0.0.1")
      }
      #expect(wakes == 1)
      let merged = try await change(["maxAgeSeconds": 0, "allowedMethods": .null, "exposedHeaders": []])
      let expected: JSONValue = [
        "allowedOrigins": Self.origins, "allowedMethods": ["*"], "allowedHeaders": ["Content-Type"],
        "exposedHeaders": [], "allowCredentials": true, "maxAgeSeconds": 0,
      ]
      #expect(merged["cors"] == expected)
      #expect(try await change([:])["cors"] == expected)
      #expect(try await api.send(.patch, path, as: owner, ["name": "Other"])["cors"] == expected)
      let environment: JSONValue = ["accessMode": "observe"]
      #expect(try await api.send(.patch, path + "/environments/test", as: owner, environment).status == 200)
      #expect(try await api.send(.get, path, as: owner)["cors"] == expected)
      let cleared = try await change(.null)
      #expect(cleared.status == 200 && cleared["cors"] == .null)
      let missing = try await change(["maxAgeSeconds": 1])
      #expect(missing.status == 422 && missing.pointers == ["/cors/allowedOrigins"])
      #expect(try await api.send(.get, path, as: owner)["cors"] == .null)
    }
  }

  @Test func isChangedOfAnExpectedVersionOnly() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/api-groups", as: owner, draft(["allowedOrigins": Self.origins]))
      let headers: HTTPFields = [.ifMatch: try #require(created.headers[.eTag])]
      let path = "/api-groups/\(created.id)"
      let first = try await api.send(.patch, path, as: owner, ["cors": ["maxAgeSeconds": 1]], headers: headers)
      #expect(first.status == 200 && first.headers[.eTag] != created.headers[.eTag])
      let stale = try await api.send(.patch, path, as: owner, ["cors": ["maxAgeSeconds": 2]], headers: headers)
      #expect(stale.status == 412)
      #expect(try await api.send(.get, path, as: owner)["cors"]?["maxAgeSeconds"] == 1)
      let absent = "/api-groups/\(ID<APIGroup>.random())"
      #expect(try await api.send(.patch, absent, as: owner, ["cors": ["maxAgeSeconds": 2]]).status == 404)
    }
  }

  /// What is wrong with a policy, and where it says so.
  private static let bad: [(JSONValue, [String])] = [
    ([:], ["/allowedOrigins"]), (["allowedOrigins": []], ["/allowedOrigins"]),
    (["allowedOrigins": "https://a.example"], ["/allowedOrigins"]),
    (["allowedOrigins": ["null"]], ["/allowedOrigins/0"]),
    (["allowedOrigins": ["https://a.example", "https://a.example/"]], ["/allowedOrigins/1"]),
    (["allowedOrigins": ["https://a.example", "HTTPS://A.example:443"]], ["/allowedOrigins/1"]),
    (["allowedOrigins": ["https://a.example", "*"]], ["/allowedOrigins/1"]),
    (["allowedOrigins": ["https://*.com", "https://a.example.", ".*"]], [0, 1, 2].map { "/allowedOrigins/\($0)" }),
    (["allowedOrigins": .array((0...50).map { .string("https://a\($0).example") })], ["/allowedOrigins"]),
    (["allowedOrigins": origins, "allowedMethods": ["get", "TRACE", ""]], [0, 1, 2].map { "/allowedMethods/\($0)" }),
    (["allowedOrigins": origins, "allowedMethods": ["*", "GET"]], ["/allowedMethods/0"]),
    (["allowedOrigins": origins, "allowedHeaders": ["X A", "X-*"]], ["/allowedHeaders/0", "/allowedHeaders/1"]),
    (["allowedOrigins": origins, "allowedHeaders": ["X-A", "x-a"]], ["/allowedHeaders/1"]),
    (["allowedOrigins": origins, "exposedHeaders": ["a\r\nb"]], ["/exposedHeaders/0"]),
    (["allowedOrigins": origins, "maxAgeSeconds": -1], ["/maxAgeSeconds"]),
    (["allowedOrigins": origins, "maxAgeSeconds": 86_401], ["/maxAgeSeconds"]),
    (["allowedOrigins": origins, "allowCredentials": "yes"], ["/allowCredentials"]),
    (["allowedOrigins": ["*"], "allowCredentials": true], ["/allowCredentials"]),
    (["allowedOrigins": origins, "exposedHeaders": ["*"], "allowCredentials": true], ["/exposedHeaders"]),
    (["allowedOrigins": origins, "extra": 1], ["/extra"]), ("*", [""]), (["https://a.example"], [""]), (true, [""]),
  ]

  @Test func refusesWhatIsNoPolicyByItsMember() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.group(of: owner, prefix: "toys"))"
      for (cors, members) in Self.bad {
        let pointers = members.map { "/cors" + $0 }
        let created = try await api.send(.post, "/api-groups", as: owner, draft(cors))
        #expect(created.status == 422 && created.pointers == pointers, "\(cors): \(created.text)")
        let changed = try await api.send(.patch, path, as: owner, ["cors": cors])
        #expect(changed.status == 422 && changed.pointers == pointers, "\(cors): \(changed.text)")
      }
      #expect(try await api.send(.get, path, as: owner)["cors"] == .null)
      #expect(try await api.send(.get, "/api-groups", as: owner).items.count == 1)
    }
  }

  /// The parts are held together also where each comes by itself.
  @Test func refusesAMergeThatDoesNotGoTogether() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(
        .post, "/api-groups", as: owner, draft(["allowedOrigins": ["*"], "exposedHeaders": ["*"]]))
      let path = "/api-groups/\(created.id)"
      let refused = try await api.send(.patch, path, as: owner, ["cors": ["allowCredentials": true]])
      #expect(refused.status == 422 && refused.pointers == ["/cors/allowCredentials"])
      let named = try await api.send(.patch, path, as: owner, ["cors": ["allowedOrigins": Self.origins]])
      #expect(named.status == 200)
      let exposing = try await api.send(.patch, path, as: owner, ["cors": ["allowCredentials": true]])
      #expect(exposing.status == 422 && exposing.pointers == ["/cors/exposedHeaders"])
      let both: JSONValue = ["cors": ["allowCredentials": true, "exposedHeaders": .null]]
      #expect(try await api.send(.patch, path, as: owner, both).status == 200)
      let any = try await api.send(.patch, path, as: owner, ["cors": ["allowedOrigins": ["*"]]])
      #expect(any.status == 422 && any.pointers == ["/cors/allowCredentials"])
    }
  }

  @Test func isAudited() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      let policy: JSONValue = ["cors": ["allowedOrigins": Self.origins, "maxAgeSeconds": 9]]
      #expect(try await api.send(.patch, "/api-groups/\(group)", as: owner, policy).status == 200)
      let events = try await api.send(.get, "/audit-events?entityId=\(group)", as: owner)
      let change = events.items.first?["particulars"]?["change"]
      #expect(events.items.first?["action"] == "apiGroup.updated", "\(events.text)")
      #expect(change?["before"]?["corsOrigins"] == .null)
      #expect(change?["after"]?["corsOrigins"] == Self.origins && change?["after"]?["corsMaxAge"] == 9)
    }
  }
}
