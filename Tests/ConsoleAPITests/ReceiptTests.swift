import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// `?wait=` on changes that gateways go by.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct ReceiptTests {
  private static let good: JSONValue = [
    "enforced": true, "nodes": 1, "confirmed": 1, "refusing": 0, "unconfirmed": [],
  ]

  private func judge(_ receipt: JSONValue?, _ expected: JSONValue = good) throws {
    guard case .object(let members) = try #require(receipt), case .object(let expected) = expected else { return }
    #expect(
      members.filter { $0.name != "afterMilliseconds" }.sorted { $0.name < $1.name }
        == expected.sorted { $0.name < $1.name })
    #expect(members.contains { $0.name == "afterMilliseconds" })
  }

  @Test func aDeletionAnswersWithItsReceipt() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      try await api.registerNode("gw-1:8000", seesAll: true)
      let key = try await api.key(of: owner)
      let secret = try await api.send(.post, "/subscription-keys/\(key)/secrets?wait=5s", as: owner)
      #expect(secret.status == 201)
      try judge(secret["receipt"])
      let authorized = try await api.send(
        .post, "/authorizations?wait=5s", as: owner,
        [
          "type": "subscriptionKey", "subscriptionId": .string(key),
          "targets": [["groupId": .string(try await api.liveGroup(of: owner)), "environment": "online"]],
        ])
      #expect(authorized.status == 201)
      try judge(authorized["receipt"])
      for path in [
        "/authorizations/\(authorized.id)", "/subscription-keys/\(key)/secrets/\(secret.id)",
        "/subscription-keys/\(key)",
      ] {
        let answer = try await api.send(.delete, path + "?wait=5s", as: owner)
        #expect(answer.status == 200, "\(path)")
        try judge(answer.json)
        #expect(try await api.send(.delete, path + "?wait=5s", as: owner).status == 404)
      }
    }
  }

  @Test func anUpdateAnswersWithWhatItMadeAndItsReceipt() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      try await api.registerNode("gw-1:8000", seesAll: true)
      let key = try await api.send(.post, "/subscription-keys?wait=2s", as: owner, ["name": "k"])
      try judge(key["receipt"])
      let path = "/subscription-keys/\(key.id)"
      let disabled = try await api.send(.patch, path + "?wait=500ms", as: owner, ["state": "disabled"])
      #expect(disabled.status == 200)
      #expect(disabled["state"] == "disabled")
      #expect(disabled.headers[.eTag] != nil)
      try judge(disabled["receipt"])
      let group = try await api.liveGroup(of: owner)
      let renamed = try await api.send(.patch, "/api-groups/\(group)?wait=2s", as: owner, ["accessMode": "open"])
      try judge(renamed["receipt"])
      let released = try await api.send(
        .post, "/api-groups/\(group)/deployments?wait=2s", as: owner,
        ["version": "0.0.1", "environment": "test", "backend": ["type": "http", "url": "http://backend.example/"]])
      #expect(released.status == 201)
      try judge(released["receipt"])
      for environment in ["test", "online"] {
        let offline = try await api.send(
          .delete, "/api-groups/\(group)/deployments/\(environment)?wait=2s", as: owner)
        try judge(offline.json)
      }
      try judge(try await api.send(.delete, "/api-groups/\(group)?wait=2s", as: owner).json)
      let plain = try await api.send(.patch, path, as: owner, ["state": "active"])
      #expect(plain["receipt"] == nil)
      #expect(try await api.send(.delete, path, as: owner).status == 204)
    }
  }

  @Test func theChangeIsMadeAlsoWhenNobodyConfirmsIt() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      try await api.registerNode("gw-1:8000", seesAll: true)
      try await api.registerNode("gw-2:8000", seesAll: false)
      let key = try await api.key(of: owner)
      let answer = try await api.send(.delete, "/subscription-keys/\(key)?wait=1s", as: owner)
      #expect(answer.status == 200)
      #expect(answer["enforced"] == false)
      #expect((answer["nodes"], answer["confirmed"]) == (2, 1))
      #expect(answer["unconfirmed"]?.elements?.map { $0["name"] } == ["gw-2:8000"])
      #expect(try await api.send(.get, "/subscription-keys/\(key)", as: owner)["state"] == "deleted")
    }
  }

  @Test func aNodeThatIsAsGoodAsGoneCountsOnceItRefuses() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      try await api.registerNode("gw-1:8000", seesAll: false, refusesIn: "300 milliseconds")
      let key = try await api.key(of: owner)
      let answer = try await api.send(.delete, "/subscription-keys/\(key)?wait=20s", as: owner)
      #expect(answer["enforced"] == true)
      #expect((answer["nodes"], answer["confirmed"], answer["refusing"]) == (1, 0, 1))
    }
  }

  @Test(arguments: [
    "", "10", "s", "0s", "61s", "60001ms", "1m", "-1s", "1.5s", "010s", "99999999999s", "10s&wait=10s", "1s&x=1",
  ])
  func refusesABadWaitAndChangesNothing(wait: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let key = try await api.key(of: owner)
      let answer = try await api.send(.delete, "/subscription-keys/\(key)?wait=\(wait)", as: owner)
      #expect(answer.status == 422)
      #expect(answer.pointers == [wait.hasSuffix("x=1") ? "?x" : "?wait"])
      #expect(try await api.send(.get, "/subscription-keys/\(key)", as: owner).status == 200)
    }
  }

  @Test(arguments: [("GET", "/subscription-keys"), ("PATCH", "/tenant"), ("DELETE", "/sessions/current")])
  func isTakenWhereGatewaysAreConcernedOnly(method: String, path: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let answer = try await api.send(
        HTTPRequest.Method(method)!, path + "?wait=1s", as: owner, method == "PATCH" ? ["name": "x"] : nil)
      #expect(answer.status == 422)
      #expect(answer.pointers == ["?wait"])
    }
  }
}

extension Harness {
  /// A gateway as it would have registered itself, which has all in force or nothing.
  fileprivate func registerNode(_ name: String, seesAll: Bool, refusesIn: String = "1 day") async throws {
    let snapshot = seesAll ? "9000000000000000000:9000000000000000000:" : nil
    try await database.execute(
      Query<Void>(
        "test.register_node",
        """
        INSERT INTO gateway_nodes (id, name, snapshot, history, run, lease_expires_at, refuses_at)
        SELECT \(name), \(name), position, feed_history(), feed_run(), now(), now() + \(refusesIn)::interval
        FROM (SELECT \(snapshot)::pg_snapshot) AS given (position) WHERE position IS NOT NULL
        UNION ALL
        SELECT \(name), \(name), NULL, NULL, NULL, now(), now() + \(refusesIn)::interval
        FROM (SELECT \(snapshot)::pg_snapshot) AS given (position) WHERE position IS NULL
        """))
  }
}
