import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct APIGroupTests {
  @Test func createsAGroupAndSaysWhereItIsCalled() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let wakes = try await api.wakes {
        let created = try await api.send(
          .post, "/api-groups", as: owner,
          [
            "name": "Pets", "description": "All\nof them", "prefix": "pets", "accessMode": "observe",
            "keyHeaders": ["X-Api-Key", "Authorization"],
          ])
        #expect(created.status == 201)
        #expect(created["keyHeaders"] == ["X-Api-Key", "Authorization"])
        let shown = try await api.send(.get, "/api-groups/\(created.id)", as: owner)
        #expect(shown.status == 200)
        #expect(shown.json == created.json)
        #expect(shown.headers[.eTag] == created.headers[.eTag])
        #expect(
          shown.json?.memberNames == [
            "id", "name", "description", "prefix", "accessMode", "keyHeaders", "cors", "environments", "createdAt",
            "updatedAt",
          ])
        let environments = ["test", "preview", "online"].map { environment -> JSONValue in
          [
            "environment": .string(environment), "path": .string("/acme/\(environment)/pets"), "accessMode": .null,
            "effectiveAccessMode": "observe", "limitPolicyId": .null, "limitPolicyName": .null, "version": .null,
            "deploymentId": .null,
            "updatedAt": created["updatedAt"] ?? .null,
          ]
        }
        #expect(shown["environments"] == .array(environments))
      }
      #expect(wakes == 1)
    }
  }

  @Test func listsGroupsNewestFirstWithWhatIsLive() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let live = try await api.liveGroup(of: owner, prefix: "a", environment: "preview")
      for prefix in ["b", "c"] { _ = try await api.group(of: owner, prefix: prefix) }
      let first = try await api.send(.get, "/api-groups?limit=2", as: owner)
      #expect(first.items.map { $0["prefix"]?.text } == ["c", "b"])
      let cursor = try #require(first["nextCursor"]?.text)
      let second = try await api.send(.get, "/api-groups?limit=2&cursor=\(cursor)", as: owner)
      #expect(second.items.map { $0["id"]?.text } == [live])
      #expect(second["nextCursor"] == .null)
      #expect(second.items.first?["environments"]?.elements?[1]["version"]?.text == "0.0.1")
      #expect(try await api.send(.get, "/api-groups?limit=0", as: owner).pointers == ["?limit"])
    }
  }

  @Test func updatesWhatIsGivenAndClearsWhatIsNull() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.send(
        .post, "/api-groups", as: owner,
        ["name": "A", "description": "B", "prefix": "p", "accessMode": "open", "keyHeaders": ["X-Api-Key"]])
      let path = "/api-groups/\(group.id)"
      let first = try await api.send(.patch, path, as: owner, ["accessMode": "required", "prefix": "q"])
      #expect(first.status == 200)
      #expect(first["name"]?.text == "A")
      #expect(first["accessMode"]?.text == "required")
      #expect(first.environment("online")?["path"]?.text == "/acme/online/q")
      #expect(first["keyHeaders"] == ["X-Api-Key"])
      let second = try await api.send(
        .patch, path, as: owner, ["name": "C", "description": .null, "keyHeaders": .null],
        headers: [.ifMatch: try #require(first.headers[.eTag])])
      #expect(second["name"]?.text == "C")
      #expect(second["description"] == .null)
      #expect(second["keyHeaders"] == [])
      let stale = try await api.send(
        .patch, path, as: owner, ["name": "D"], headers: [.ifMatch: try #require(first.headers[.eTag])])
      #expect(stale.status == 412)
      #expect(try await api.send(.get, path, as: owner)["name"]?.text == "C")
    }
  }

  @Test func keepsPrefixesApartWithinATenantOnly() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.group(of: acme, prefix: "pets")
      let other = try await api.group(of: acme, prefix: "other")
      _ = try await api.group(of: globex, prefix: "pets")
      let created = try await api.send(
        .post, "/api-groups", as: acme, ["name": "A", "prefix": "pets", "accessMode": "open"])
      #expect(created.status == 409)
      #expect(created.code == "prefix_taken")
      #expect(created.pointers == ["/prefix"])
      let moved = try await api.send(.patch, "/api-groups/\(other)", as: acme, ["prefix": "pets"])
      #expect(moved.code == "prefix_taken")
      #expect(try await api.send(.get, "/api-groups/\(other)", as: acme)["prefix"]?.text == "other")
    }
  }

  @Test func freezesThePrefixAtTheFirstRelease() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.liveGroup(of: owner))"
      #expect(try await api.send(.delete, path + "/deployments/online", as: owner).status == 204)
      let moved = try await api.send(.patch, path, as: owner, ["prefix": "cats", "name": "Cats"])
      #expect(moved.status == 409)
      #expect(moved.code == "prefix_frozen")
      #expect(moved.pointers == ["/prefix"])
      let kept = try await api.send(.patch, path, as: owner, ["prefix": "pets", "name": "Cats"])
      #expect(kept.status == 200)
      #expect(kept["name"]?.text == "Cats")
    }
  }

  @Test func deletesAGroupThatIsLiveNowhere() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.liveGroup(of: owner))"
      let live = try await api.send(.delete, path, as: owner)
      #expect(live.status == 409)
      #expect(live.code == "group_live")
      #expect(live["detail"]?.text?.contains("online") == true)
      #expect(try await api.send(.delete, path + "/deployments/online", as: owner).status == 204)
      #expect(try await api.send(.delete, path, as: owner).status == 204)
      for method in [HTTPRequest.Method.get, .delete] {
        #expect(try await api.send(method, path, as: owner).status == 404)
      }
      _ = try await api.liveGroup(of: owner)
    }
  }

  private static let badMembers: [(String, JSONValue, [String])] = [
    ("name", "", ["/name"]), ("name", 1, ["/name"]), ("name", "a\u{0}b", ["/name"]), ("name", .null, ["/name"]),
    ("name", .string(String(repeating: "x", count: 101)), ["/name"]),
    ("description", "", ["/description"]), ("description", ["a"], ["/description"]),
    ("prefix", "Pets", ["/prefix"]), ("prefix", "-a", ["/prefix"]), ("prefix", "a/b", ["/prefix"]),
    ("prefix", "", ["/prefix"]), ("prefix", .string(String(repeating: "a", count: 64)), ["/prefix"]),
    ("accessMode", "Required", ["/accessMode"]), ("accessMode", true, ["/accessMode"]),
    ("keyHeaders", "X-Api-Key", ["/keyHeaders"]), ("keyHeaders", ["X-A", "x-a"], ["/keyHeaders/1"]),
    ("keyHeaders", ["X-A", "X_A", "B"], ["/keyHeaders/1"]),
    ("keyHeaders", ["", "a b"], ["/keyHeaders/0", "/keyHeaders/1"]),
    ("keyHeaders", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], ["/keyHeaders"]),
    ("extra", 1, ["/extra"]), ("id", "grp_00000000000000000000000000", ["/id"]),
  ]

  @Test func refusesABadMemberByItsName() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      let before = try await api.send(.get, "/api-groups", as: owner).text
      let good: [JSONValue.Member] = [.init("name", "A"), .init("prefix", "a"), .init("accessMode", "open")]
      for (member, value, pointers) in Self.badMembers {
        let draft = good.filter { $0.name != member } + [.init(member, value)]
        let created = try await api.send(.post, "/api-groups", as: owner, .object(draft))
        #expect(created.status == 422, "\(member): \(value)")
        #expect(created.pointers == pointers, "\(member): \(value)")
        let updated = try await api.send(.patch, "/api-groups/\(group)", as: owner, .object([.init(member, value)]))
        #expect(updated.status == 422, "\(member): \(value)")
        #expect(updated.pointers == pointers, "\(member): \(value)")
      }
      let empty = try await api.send(.post, "/api-groups", as: owner, [:])
      #expect(empty.pointers == ["/name", "/prefix", "/accessMode"])
      #expect(try await api.send(.get, "/api-groups", as: owner).text == before)
    }
  }

  @Test func refusesKeyHeadersThatTheGatewayUses() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for name in [
        "Host", "content-length", "Transfer-Encoding", "TE", "Connection", "Cookie", "Set-Cookie", "X-Latchkey-Tenant",
        "x_latchkey_tenant", "X-Forwarded-For", "Forwarded", "X-Request-Id", "X-Original-URI", "Upgrade",
        "X-HTTP-Method-Override", "JDCloud-APIM-Subscription-Key", "Proxy-Authorization", "a:b", "é",
        String(repeating: "x", count: 65),
      ] {
        let answer = try await api.send(
          .post, "/api-groups", as: owner,
          ["name": "A", "prefix": "a", "accessMode": "open", "keyHeaders": [.string(name)]])
        #expect(answer.status == 422, "\(name)")
        #expect(answer.pointers == ["/keyHeaders/0"], "\(name)")
      }
    }
  }

  @Test func showsAwkwardTextsAsGiven() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for (index, text) in awkwardTexts.enumerated() {
        let created = try await api.send(
          .post, "/api-groups", as: owner,
          [
            "name": .string(text), "description": .string(text + "\n\t" + text), "prefix": .string("p\(index)"),
            "accessMode": "open",
          ])
        let shown = try await api.send(.get, "/api-groups/\(created.id)", as: owner)
        #expect(shown["name"]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(
          shown["description"]?.text?.unicodeScalars.elementsEqual((text + "\n\t" + text).unicodeScalars) == true)
        #expect(!shown.text.contains("<script"))
      }
    }
  }
}
