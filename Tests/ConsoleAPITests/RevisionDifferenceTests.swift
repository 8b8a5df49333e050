import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct RevisionDifferenceTests {
  private static func draft(_ method: String, _ path: String) -> JSONValue {
    ["name": .string(path), "method": .string(method), "path": .string(path), "match": "exact"]
  }

  @Test func tellsWhatIsNewGoneAndChanged() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let id = try await api.group(of: owner)
      let group = "/api-groups/\(id)"
      var apis: [String: String] = [:]
      for path in ["/kept", "/moved", "/renamed", "/gone", "/remade/{a}"] {
        apis[path] = try await api.send(.post, group + "/apis", as: owner, Self.draft("GET", path)).id
      }
      let first = try await api.revision("0.0.1", of: id, as: owner)
      func change(_ path: String, _ body: JSONValue?) async throws {
        let answer = try await api.send(
          body == nil ? .delete : .patch, "\(group)/apis/\(apis[path] ?? "")", as: owner, body)
        #expect([200, 204].contains(answer.status))
      }
      try await change("/moved", ["path": "/elsewhere"])
      try await change("/renamed", ["name": "Other", "description": "now with one"])
      try await change("/gone", nil)
      try await change("/remade/{a}", nil)
      _ = try await api.send(.post, group + "/apis", as: owner, Self.draft("GET", "/remade/{b}"))
      _ = try await api.send(.post, group + "/apis", as: owner, Self.draft("PUT", "/new"))
      let second = try await api.revision("0.0.2", of: id, as: owner)

      let diff = try await api.send(.get, "\(group)/revisions/\(second)/diff?against=\(first)", as: owner)
      #expect(diff.status == 200)
      #expect(diff.json?.memberNames == ["added", "removed", "changed"])
      #expect(Self.paths(diff["added"]) == ["/new"])
      #expect(Self.paths(diff["removed"]) == ["/gone"])
      let changed = diff["changed"]?.elements ?? []
      #expect(changed.map { $0["before"]?["path"]?.text } == ["/moved", "/remade/{a}", "/renamed"])
      #expect(changed.map { $0["after"]?["path"]?.text } == ["/elsewhere", "/remade/{b}", "/renamed"])
      #expect(changed.last?["after"]?["description"] == "now with one")
      #expect(changed.first?["before"]?["id"] == changed.first?["after"]?["id"])

      let back = try await api.send(.get, "\(group)/revisions/\(first)/diff?against=\(second)", as: owner)
      #expect(Self.paths(back["added"]) == ["/gone"])
      #expect(Self.paths(back["removed"]) == ["/new"])
      let none: JSONValue = ["added": [], "removed": [], "changed": []]
      for against in [second, "draft"] {
        #expect(
          try await api.send(.get, "\(group)/revisions/\(second)/diff?against=\(against)", as: owner).json == none)
      }
      _ = try await api.send(.post, group + "/apis", as: owner, Self.draft("DELETE", "/later"))
      let draft = try await api.send(.get, "\(group)/revisions/\(second)/diff?against=draft", as: owner)
      #expect(Self.paths(draft["removed"]) == ["/later"])
      #expect(Self.paths(draft["added"]) == [])
    }
  }

  @Test func knowsNoRevisionOfOthers() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (group, foreign) = (try await api.liveGroup(of: acme), try await api.liveGroup(of: globex))
      let other = try await api.liveGroup(of: acme, prefix: "other")
      let revision = try await api.revision("0.0.2", of: group, as: acme)
      let unknown = try await api.revision("0.0.2", of: foreign, as: globex)
      let elsewhere = try await api.revision("0.0.2", of: other, as: acme)
      let path = "/api-groups/\(group)/revisions/\(revision)/diff"
      let absent = try await api.send(.get, "\(path)?against=\(ID<Revision>.random())", as: acme)
      #expect(absent.status == 422)
      #expect(absent.pointers == ["?against"])
      for id in [unknown, elsewhere, "x", "Draft", "rev_"] {
        #expect(try await api.send(.get, "\(path)?against=\(id)", as: acme).comparable == absent.comparable, "\(id)")
      }
      #expect(try await api.send(.get, path, as: acme).pointers == ["?against"])
      let gone = try await api.send(
        .get, "/api-groups/\(group)/revisions/\(ID<Revision>.random())/diff?against=draft", as: acme)
      #expect(gone.status == 404)
      for path in [
        path, "/api-groups/\(group)/revisions/\(elsewhere)/diff", "/api-groups/\(foreign)/revisions/\(revision)/diff",
      ] {
        let answer = try await api.send(.get, path + "?against=draft", as: globex)
        #expect(answer.comparable == gone.comparable)
      }
      #expect(try await api.send(.get, path + "?against=draft", as: nil).status == 401)
      let viewer = try await api.account(.viewer, besides: acme)
      #expect(try await api.send(.get, path + "?against=draft", as: viewer).status == 200)
    }
  }

  private static func paths(_ apis: JSONValue?) -> [String] {
    apis?.elements?.compactMap { $0["path"]?.text } ?? []
  }
}
