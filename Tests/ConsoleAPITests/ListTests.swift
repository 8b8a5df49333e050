import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct ListTests {
  private func names(_ answer: Answer) -> [String] {
    answer["items"]?.elements?.compactMap { $0["name"]?.text } ?? []
  }

  @Test func pagesThroughAllNewestFirst() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      for number in 1...5 { _ = try await api.key(of: owner, ["name": .string("K\(number)")]) }
      var (seen, path) = ([[String]](), "/subscription-keys?limit=2")
      while seen.count < 5 {
        let page = try await api.send(.get, path, as: owner)
        seen.append(names(page))
        guard let cursor = page["nextCursor"]?.text else { break }
        path = "/subscription-keys?limit=2&cursor=\(cursor)"
      }
      #expect(seen == [["K5", "K4"], ["K3", "K2"], ["K1"]])
    }
  }

  /// All of a list, page by page.
  private func all(_ path: String, _ api: Harness, as caller: Caller, name: String = "name") async throws -> [String] {
    var (seen, cursor) = ([String](), "")
    repeat {
      let page = try await api.send(.get, path + "&limit=2" + cursor, as: caller)
      #expect(page.status == 200, "\(path)\(cursor)")
      seen += page.items.compactMap { $0[name]?.text }
      cursor = page["nextCursor"]?.text.map { "&cursor=\($0)" } ?? ""
    } while !cursor.isEmpty && seen.count < 50
    return seen
  }

  @Test func listsKeysInTheOrderThatIsAskedFor() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let names = ["b", "É", "a", "Z", "B", "日本", "é", String(repeating: "長", count: 100)]
      var ids: [String] = []
      for name in names { ids.append(try await api.key(of: owner, ["name": .string(name)])) }
      let byName = ["a", "b", "B", "Z", "É", "é", "日本", names[7]]
      let tied = zip(names, ids).sorted { $0.1 < $1.1 }.map(\.0)
      let ordered = byName.map { name in name.lowercased() }
      for state in ["", "&state=active"] {
        #expect(try await all("/subscription-keys?sort=createdAt\(state)", api, as: owner) == names)
        #expect(try await all("/subscription-keys?sort=-createdAt\(state)", api, as: owner) == names.reversed())
        let up = try await all("/subscription-keys?sort=name\(state)", api, as: owner)
        #expect(up.map { $0.lowercased() } == ordered)
        // Those whose names are alike but for case are in the order of their ids.
        for pair in [["b", "B"], ["É", "é"]] {
          #expect(up.filter(pair.contains) == tied.filter(pair.contains))
        }
        #expect(try await all("/subscription-keys?sort=-name\(state)", api, as: owner) == up.reversed())
      }
      for id in ids { _ = try await api.send(.delete, "/subscription-keys/\(id)", as: owner) }
      let deleted = try await all("/subscription-keys?state=deleted&sort=name", api, as: owner)
      #expect(deleted.map { $0.lowercased() } == ordered)
    }
  }

  @Test func findsWhatIsKnownByAPartOfItsNames() async throws {
    try await Harness.run { api in
      let (owner, other) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.invite(.viewer, as: owner)
      for name in ["Build_1", "übung"] {
        _ = try await api.send(.post, "/access-tokens", as: owner, ["name": .string(name)])
      }
      let tokens = try await api.send(.get, "/access-tokens", as: owner)
      let id = try #require(tokens.items.first?["id"]?.text)
      for (query, found) in [
        ("q=BUILD", ["Build_1"]), ("q=%C3%9Cbung", ["übung"]), ("q=\(id)", ["übung"]), ("q=D_1", ["Build_1"]),
        ("q=%25", []),
      ] {
        #expect(names(try await api.send(.get, "/access-tokens?\(query)", as: owner)) == found, "\(query)")
      }
      let accounts = try await api.send(.get, "/accounts?q=OWNER%40ACME", as: owner)
      #expect(accounts.items.count == 1)
      #expect(try await api.send(.get, "/accounts?q=globex", as: owner).items.isEmpty, "another tenant's")
      // Of an authorization it is the key and its tenant that are known.
      let group = try await api.liveGroup(of: owner)
      for caller in [owner, other] {
        let key = try await api.key(
          of: caller, ["name": .string(caller.tenant == owner.tenant ? "Own" : "Weather app")])
        #expect(try await api.authorize(key, for: [(group, "online")], as: owner).status == 201)
      }
      for (query, count) in [("WEATHER", 1), ("globex", 1), ("own", 1), ("nowhere", 0), ("", 2)] {
        let found = try await api.send(.get, "/authorizations?q=\(query)", as: owner).items.count
        #expect(found == count, "\(query)")
      }
      _ = try await api.send(
        .post, "/api-groups/\(group)/revisions", as: owner, ["version": "0.9.0", "note": "With paging"])
      let revisions = try await api.send(.get, "/api-groups/\(group)/revisions?q=PAGING", as: owner)
      #expect(revisions.items.map { $0["version"]?.text } == ["0.9.0"])
    }
  }

  @Test func listsOthersInTheOrderThatIsAskedFor() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for prefix in ["pets", "orders", "toys"] { _ = try await api.group(of: owner, prefix: prefix) }
      let groups = ["Group orders", "Group pets", "Group toys"]
      #expect(try await all("/api-groups?sort=name", api, as: owner) == groups)
      #expect(try await all("/api-groups?sort=-name&q=s", api, as: owner) == groups.reversed())
      let group = try await api.group(of: owner, prefix: "more")
      for path in ["/b", "/a/{id}", "/C"] { _ = try await api.api(of: owner, in: group, path: path) }
      let apis = "/api-groups/\(group)/apis?sort="
      #expect(try await all(apis + "path", api, as: owner, name: "path") == ["/C", "/a/{id}", "/b"])
      #expect(try await all(apis + "-path", api, as: owner, name: "path") == ["/b", "/a/{id}", "/C"])
      #expect(try await all(apis + "createdAt", api, as: owner, name: "path") == ["/b", "/a/{id}", "/C"])
      for name in ["t2", "T1", "t3"] {
        _ = try await api.send(.post, "/access-tokens", as: owner, ["name": .string(name)])
      }
      #expect(try await all("/access-tokens?sort=name", api, as: owner) == ["T1", "t2", "t3"])
      #expect(try await all("/access-tokens?sort=-name&all=true", api, as: owner) == ["t3", "t2", "T1"])
      let down = try await all("/audit-events?sort=-occurredAt", api, as: owner, name: "action")
      #expect(try await all("/audit-events?sort=occurredAt", api, as: owner, name: "action") == down.reversed())
      #expect(down.last == "tenant.created" && down.first == "accessToken.created")
      let since = "&from=2026-01-01T00:00:00Z"
      #expect(
        try await all("/audit-events?sort=occurredAt\(since)", api, as: owner, name: "action") == down.reversed())
    }
  }

  @Test func refusesAnOrderThatAListDoesNotHave() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for path in [
        "/subscription-keys?sort=state", "/api-groups?sort=+name", "/authorizations?sort=name", "/domains?sort=name",
        "/audit-events?sort=createdAt", "/accounts?sort=NAME",
      ] {
        #expect(try await api.send(.get, path, as: owner).pointers == ["?sort"], "\(path)")
      }
      for name in ["a", "b"] { _ = try await api.key(of: owner, ["name": .string(name)]) }
      let page = try await api.send(.get, "/subscription-keys?sort=name&limit=1", as: owner)
      let cursor = try #require(page["nextCursor"]?.text)
      for other in ["", "&sort=-name", "&sort=createdAt"] {
        let answer = try await api.send(.get, "/subscription-keys?cursor=\(cursor)\(other)", as: owner)
        #expect(answer.pointers == ["?cursor"], "\(other)")
      }
    }
  }

  @Test func findsGroupsAndAPIsByAText() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (pets, _) = (try await api.group(of: owner, prefix: "pets"), try await api.group(of: owner, prefix: "toys"))
      for path in ["/pets", "/a_b", "/PETS/{id}"] { _ = try await api.api(of: owner, in: pets, path: path) }
      let other = try await api.group(of: try await api.owner(of: "initech"), prefix: "pets")
      for (text, found) in [
        ("PET", ["Group pets"]), ("group%20", ["Group toys", "Group pets"]), ("oys", ["Group toys"]), ("%25", []),
        (String(pets.dropFirst(4)), ["Group pets"]), (other, []), ("", ["Group toys", "Group pets"]),
      ] {
        #expect(names(try await api.send(.get, "/api-groups?q=\(text)", as: owner)) == found, "\(text)")
      }
      for (text, found) in [("get%20/pets", 2), ("a_b", 1), ("a%25b", 0), ("list", 3), ("post", 0), ("\(other)", 0)] {
        let answer = try await api.send(.get, "/api-groups/\(pets)/apis?q=\(text)", as: owner)
        #expect(answer.items.count == found, "\(text)")
      }
      let first = try await api.send(.get, "/api-groups?q=group&limit=1", as: owner)
      let cursor = try #require(first["nextCursor"]?.text)
      let second = try await api.send(.get, "/api-groups?q=group&limit=1&cursor=\(cursor)", as: owner)
      #expect(names(second) == ["Group pets"])
      #expect(try await api.send(.get, "/api-groups?q=pets&limit=1&cursor=\(cursor)", as: owner).status == 422)
    }
  }

  @Test func survivesVersionsAndCursorsThatNobodyIssued() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      for tag in ["\"-8000000000000000\"", "\"7fffffffffffffff\"", "\"\"", "\"", "x"] {
        let answer = try await api.send(.patch, "/tenant", as: owner, ["name": "G"], headers: [.ifMatch: tag])
        #expect(answer.status == 412)
      }
      for first in ["g", "f", "A"] {
        let cursor = first + String(repeating: "A", count: 42)
        #expect(
          try await api.send(.get, "/subscription-keys?cursor=\(cursor)", as: owner).status == 422)
      }
    }
  }

  @Test func filtersByTextAndState() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let build = try await api.key(of: owner, ["name": "100% Übung_1", "description": "for CI"])
      let other = try await api.key(of: owner, ["name": "Other"])
      _ = try await api.send(.patch, "/subscription-keys/\(other)", as: owner, ["state": "disabled"])
      for (query, expected) in [
        ("q=%C3%BCBUNG", ["100% Übung_1"]), ("q=ci", ["100% Übung_1"]), ("q=%25", ["100% Übung_1"]),
        ("q=g_1", ["100% Übung_1"]), ("q=%5C", []), ("q=%27", []), ("q=" + build.uppercased(), ["100% Übung_1"]),
        ("q=" + other.dropFirst(20), ["Other"]), ("state=disabled", ["Other"]), ("state=active&q=other", []),
        ("q=&state=&limit=&cursor=", ["Other", "100% Übung_1"]), ("q", ["Other", "100% Übung_1"]),
        ("state=active", ["100% Übung_1"]), ("q=other&state=disabled", ["Other"]),
      ] {
        let answer = try await api.send(.get, "/subscription-keys?" + query, as: owner)
        #expect(names(answer) == expected, "\(query)")
      }
    }
  }

  @Test func refusesACursorOfAnotherList() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      for caller in [acme, globex] {
        for name in ["A", "B"] { _ = try await api.key(of: caller, ["name": .string(name)]) }
      }
      let page = try await api.send(.get, "/subscription-keys?limit=1&state=active", as: globex)
      let cursor = try #require(page["nextCursor"]?.text)
      #expect(
        names(try await api.send(.get, "/subscription-keys?cursor=\(cursor)&state=active&limit=9", as: globex)) == ["A"]
      )
      let altered = (cursor.first == "A" ? "B" : "A") + cursor.dropFirst()
      for (query, caller) in [
        ("cursor=\(cursor)", globex), ("cursor=\(cursor)&state=disabled", globex),
        ("cursor=\(cursor)&state=active&q=b", globex), ("cursor=\(cursor)&state=active", acme),
        ("cursor=\(altered)&state=active", globex), ("cursor=\(cursor)A&state=active", globex),
        ("cursor=%00", globex),
      ] {
        let answer = try await api.send(.get, "/subscription-keys?" + query, as: caller)
        #expect(answer.status == 422, "\(query)")
        #expect(answer.pointers == ["?cursor"], "\(query)")
      }
    }
  }

  @Test(arguments: [
    ("limit=0", ["?limit"]), ("limit=201", ["?limit"]), ("limit=x", ["?limit"]), ("limit=-1", ["?limit"]),
    ("page=", ["?page"]), ("limit=1&limit=2", ["?limit"]), ("state=gone&limit=1e1", ["?limit", "?state"]),
    ("page=2", ["?page"]), ("q=%00", ["?q"]), ("q=%FF", ["?q"]), ("q=%2", ["?q"]),
    ("page=2&q=%0A&State=active", ["?page", "?State", "?q"]),
  ])
  func refusesBadParametersByName(query: String, pointers: [String]) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let answer = try await api.send(.get, "/subscription-keys?" + query, as: owner)
      #expect(answer.status == 422)
      #expect(answer.code == "invalid_input")
      #expect(answer.pointers.sorted() == pointers.sorted())
    }
  }

  @Test func showsNothingOfOthers() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.key(of: globex)
      let page = try await api.send(.get, "/subscription-keys", as: acme)
      #expect(page.json == ["items": [], "nextCursor": .null])
    }
  }
}
