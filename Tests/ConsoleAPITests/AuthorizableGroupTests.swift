import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct AuthorizableGroupTests {
  @Test func listsWhatCanBeAuthorized() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.liveGroup(of: globex)
      let required = try await api.liveGroup(of: acme, prefix: "required")
      #expect(try await api.release(of: required, to: "test", as: acme).status == 201)
      let open = try await api.liveGroup(of: acme, prefix: "open", accessMode: "open")
      let observed = try await api.liveGroup(
        of: acme, prefix: "observed", accessMode: "observe", environment: "preview")
      let draft = try await api.group(of: acme, prefix: "draft")

      let listed = try await api.send(.get, "/authorizable-groups", as: acme)
      #expect(
        listed.items == [
          Self.item(observed, "observed", "preview", nil), Self.item(required, "required", "test", nil),
          Self.item(required, "required", "online", nil),
        ])
      let all = try await api.send(.get, "/authorizable-groups?all=true", as: acme)
      #expect(
        all.items == [
          Self.item(draft, "draft", "test", "offline"), Self.item(draft, "draft", "preview", "offline"),
          Self.item(draft, "draft", "online", "offline"), Self.item(observed, "observed", "test", "offline"),
          Self.item(observed, "observed", "preview", nil), Self.item(observed, "observed", "online", "offline"),
          Self.item(open, "open", "test", "offline"), Self.item(open, "open", "preview", "offline"),
          Self.item(open, "open", "online", "open"), Self.item(required, "required", "test", nil),
          Self.item(required, "required", "preview", "offline"), Self.item(required, "required", "online", nil),
        ])

      for (query, items) in [("", listed.items), ("all=true&", all.items)] {
        var (seen, cursor) = ([JSONValue](), "")
        repeat {
          let page = try await api.send(.get, "/authorizable-groups?\(query)limit=1\(cursor)", as: acme)
          #expect(page.items.count == 1)
          seen += page.items
          cursor = page["nextCursor"]?.text.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty && seen.count < 20
        #expect(seen == items)
      }
    }
  }

  @Test func refusesOtherCursorsAndParameters() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      for prefix in ["a", "b"] { _ = try await api.liveGroup(of: acme, prefix: prefix) }
      let page = try await api.send(.get, "/authorizable-groups?limit=1", as: acme)
      let cursor = try #require(page["nextCursor"]?.text)
      let groups = try #require(try await api.send(.get, "/api-groups?limit=1", as: acme)["nextCursor"]?.text)
      for query in [
        "all=true&cursor=\(cursor)", "cursor=\(cursor.replacing("online", with: "test"))", "cursor=\(groups)",
        "cursor=\(groups).online", "cursor=.online", "cursor=online", "cursor=\(cursor).", "cursor=%22",
      ] {
        #expect(try await api.send(.get, "/authorizable-groups?" + query, as: acme).pointers == ["?cursor"], "\(query)")
      }
      for (query, pointers) in [
        ("all=1", ["?all"]), ("any=true", ["?any"]), ("limit=0", ["?limit"]),
      ] {
        #expect(try await api.send(.get, "/authorizable-groups?" + query, as: acme).pointers == pointers, "\(query)")
      }
    }
  }

  @Test func refusesTargetsThatAreNotListed() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, foreign) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: globex))
      let open = try await api.liveGroup(of: acme, prefix: "open", accessMode: "open")
      let draft = try await api.group(of: acme, prefix: "draft")
      let key = try await api.key(of: globex)
      let answer = try await api.authorize(
        key,
        for: [
          (group, "online"), (group, "test"), (open, "online"), (draft, "online"), (foreign, "online"),
          (ID<APIGroup>.random().description, "online"), ("", "online"),
        ], as: acme)
      #expect(answer.status == 422)
      #expect(answer.pointers == (1...6).map { "/targets/\($0)/groupId" })
      let details = answer["errors"]?.elements?.compactMap { $0["detail"]?.text } ?? []
      let unknown = "must be one of the authorizable groups"
      #expect(
        details == [
          "is offline: nothing is live in test", "is open: anybody may call it",
          "is offline: nothing is live in online",
          unknown, unknown, unknown,
        ])
      let target: JSONValue = ["targets": [.target(open), .target(foreign)]]
      let mine = try await api.authorize(key, for: [(group, "online")], as: acme).id
      let updated = try await api.send(.patch, "/authorizations/\(mine)", as: acme, target)
      #expect(updated["errors"]?.elements?.compactMap { $0["detail"]?.text } == [details[1], unknown])
      #expect(try await api.send(.delete, "/authorizations/\(mine)", as: acme).status == 204)
      #expect(try await api.send(.get, "/authorizations", as: acme).items.isEmpty)
    }
  }

  @Test func refusesABadMemberByItsName() async throws {
    try await Harness.run { api in
      let acme = try await api.owner(of: "acme")
      let (key, group) = (try await api.key(of: acme), try await api.liveGroup(of: acme))
      let good: [JSONValue.Member] = [
        .init("type", "subscriptionKey"), .init("subscriptionId", .string(key)), .init("targets", [.target(group)]),
      ]
      let existing = try await api.send(
        .post, "/authorizations", as: acme, .object(good))
      let before = try await api.send(.get, "/authorizations", as: acme).text
      let targets = JSONValue.array(Array(repeating: .target(group), count: 101))
      for (member, value, pointers) in [
        ("description", JSONValue.string(""), ["/description"]), ("description", 1, ["/description"]),
        ("expiresAt", "2001-01-01T00:00:00Z", ["/expiresAt"]), ("expiresAt", "soon", ["/expiresAt"]),
        ("targets", [], ["/targets"]), ("targets", targets, ["/targets"]), ("targets", .null, ["/targets"]),
        ("targets", [.target(group), .target(group)], ["/targets/1"]), ("targets", ["x"], ["/targets/0"]),
        ("targets", [[:]], ["/targets/0/groupId", "/targets/0/environment"]),
        ("targets", [["groupId": 1, "environment": "live"]], ["/targets/0/groupId", "/targets/0/environment"]),
        (
          "targets", [["groupId": .string(group), "environment": "online", "version": "1"]], ["/targets/0/version"]
        ),
        ("targets", [.target(group, "test")], ["/targets/0/groupId"]), ("limitPolicy", "x", ["/limitPolicy"]),
      ] {
        let draft = good.filter { $0.name != member } + [.init(member, value)]
        let created = try await api.send(.post, "/authorizations", as: acme, .object(draft))
        #expect(created.status == 422, "\(member): \(value)")
        #expect(created.pointers == pointers, "\(member): \(value)")
        let updated = try await api.send(
          .patch, "/authorizations/\(existing.id)", as: acme, .object([.init(member, value)]))
        #expect(updated.status == 422, "\(member): \(value)")
        #expect(updated.pointers == pointers, "\(member): \(value)")
      }
      for (member, value) in [("type", JSONValue.string("account")), ("subscriptionId", 1), ("subscriptionId", .null)] {
        let draft = good.filter { $0.name != member } + [.init(member, value)]
        let created = try await api.send(.post, "/authorizations", as: acme, .object(draft))
        #expect(created.pointers == ["/\(member)"])
        let updated = try await api.send(
          .patch, "/authorizations/\(existing.id)", as: acme, .object([.init(member, value)]))
        #expect(updated.pointers == ["/\(member)"])
      }
      let empty = try await api.send(.post, "/authorizations", as: acme, [:])
      #expect(empty.pointers == ["/type", "/subscriptionId", "/targets"])
      #expect(try await api.send(.get, "/authorizations", as: acme).text == before)
    }
  }

  private static func item(_ group: String, _ prefix: String, _ environment: String, _ reason: String?) -> JSONValue {
    [
      "groupId": .string(group), "groupName": .string("Group \(prefix)"), "environment": .string(environment),
      "version": reason == "offline" ? .null : "0.0.1", "authorizable": .bool(reason == nil),
      "reason": reason.map(JSONValue.string) ?? .null,
    ]
  }
}
