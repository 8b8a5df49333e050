import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct RevisionTests {
  @Test func freezesTheDraftAsItIs() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let draft = try await api.send(
        .post, group + "/apis", as: owner,
        ["name": "One", "method": "ANY", "path": "/b/{id}", "match": "prefix", "description": "first"])
      _ = try await api.send(
        .post, group + "/apis", as: owner, ["name": "Two", "method": "GET", "path": "/a", "match": "exact"])
      let created = try await api.send(
        .post, group + "/revisions", as: owner, ["version": "0.0.1", "note": "First\nof all"])
      #expect(created.status == 201)
      #expect(created.json?.memberNames == ["id", "version", "note", "apiCount", "createdAt", "apis"])
      #expect(created["apiCount"] == 2)
      #expect(created["apis"]?.elements?.map { $0["path"]?.text } == ["/a", "/b/{id}"])

      let change: JSONValue = ["name": "Changed", "path": "/c", "description": .null]
      #expect(try await api.send(.patch, "\(group)/apis/\(draft.id)", as: owner, change).status == 200)
      let shown = try await api.send(.get, "\(group)/revisions/\(created.id)", as: owner)
      #expect(shown.status == 200)
      #expect(shown.json == created.json)
      #expect(try await api.send(.delete, "\(group)/apis/\(draft.id)", as: owner).status == 204)
      #expect(try await api.send(.get, "\(group)/revisions/\(created.id)", as: owner).json == created.json)

      let second = try await api.send(.post, group + "/revisions", as: owner, ["version": "0.0.2"])
      #expect(second["apiCount"] == 1)
      #expect(second["note"] == .null)
      let listed = try await api.send(.get, group + "/revisions", as: owner)
      #expect(listed.items.map { $0["version"]?.text } == ["0.0.2", "0.0.1"])
      #expect(listed.items.map { $0["apiCount"] } == [1, 2])
    }
  }

  @Test func takesEachVersionOnceInAGroup() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      for prefix in ["a", "b"] {
        let group = try await api.group(of: owner, prefix: prefix)
        _ = try await api.api(of: owner, in: group)
        _ = try await api.revision("1.2.3", of: group, as: owner)
        let again = try await api.send(.post, "/api-groups/\(group)/revisions", as: owner, ["version": "1.2.3"])
        #expect(again.status == 409)
        #expect(again.code == "version_taken")
        #expect(again.pointers == ["/version"])
      }
    }
  }

  @Test func makesOneRevisionOfManyAttemptsAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      _ = try await api.api(of: owner, in: group)
      let statuses = try await withThrowingTaskGroup { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            try await api.send(.post, "/api-groups/\(group)/revisions", as: owner, ["version": "0.0.1"]).status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }.sorted()
      }
      #expect(statuses == [201] + Array(repeating: 409, count: 7))
    }
  }

  @Test func refusesAnEmptyDraft() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let revisions = "/api-groups/\(try await api.group(of: owner))/revisions"
      let answer = try await api.send(.post, revisions, as: owner, ["version": "0.0.1"])
      #expect(answer.status == 409)
      #expect(answer.code == "empty_draft")
      #expect(try await api.send(.get, revisions, as: owner).items.isEmpty)
    }
  }

  @Test func refusesABadMemberByItsName() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      _ = try await api.api(of: owner, in: group)
      let versions: [JSONValue] = [
        "", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.3 ", "v1.2.3", "1.2.-3", "1000000.0.0", "1.2.x", "१.0.0",
        1, .null, [],
      ]
      let notes: [JSONValue] = ["", 1, "a\u{0}", .string(String(repeating: "x", count: 1001))]
      for (member, values) in [("version", versions), ("note", notes), ("apis", [[]])] {
        for value in values {
          let draft = [.init("version", "0.0.1")].filter { $0.name != member } + [JSONValue.Member(member, value)]
          let answer = try await api.send(.post, "/api-groups/\(group)/revisions", as: owner, .object(draft))
          #expect(answer.status == 422, "\(member): \(value)")
          #expect(answer.pointers == ["/\(member)"], "\(member): \(value)")
        }
      }
      #expect(try await api.send(.get, "/api-groups/\(group)/revisions", as: owner).items.isEmpty)
    }
  }
}
