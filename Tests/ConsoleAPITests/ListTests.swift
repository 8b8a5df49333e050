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
