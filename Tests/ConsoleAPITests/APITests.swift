import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct APITests {
  @Test func keepsADraftOfAPIs() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      let created = try await api.send(
        .post, apis, as: owner,
        ["name": "Any", "method": "ANY", "path": "/pets/{petId}", "match": "prefix", "description": "<b>"])
      #expect(created.status == 201)
      #expect(
        created.json?.memberNames == [
          "id", "name", "description", "method", "path", "match", "createdAt", "updatedAt",
        ])
      let path = apis + "/" + created.id
      #expect(try await api.send(.get, path, as: owner).json == created.json)
      let other = try await api.send(
        .post, apis, as: owner, ["name": "Root", "method": "GET", "path": "/", "match": "exact"])
      #expect(other["description"] == .null)
      #expect(try await api.send(.get, apis, as: owner).items.map { $0["name"]?.text } == ["Root", "Any"])

      let updated = try await api.send(
        .patch, path, as: owner, ["method": "PUT", "path": "/cats", "match": "exact", "description": .null],
        headers: [.ifMatch: try #require(created.headers[.eTag])])
      #expect(updated.status == 200)
      #expect(updated["path"]?.text == "/cats")
      #expect(updated["description"] == .null)
      let stale = try await api.send(
        .patch, path, as: owner, ["name": "B"], headers: [.ifMatch: try #require(created.headers[.eTag])])
      #expect(stale.status == 412)
      #expect(try await api.send(.delete, path, as: owner).status == 204)
      #expect(try await api.send(.delete, path, as: owner).status == 404)
      #expect(try await api.send(.get, path, as: owner).status == 404)
    }
  }

  @Test func takesEachPatternOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      let pattern: [JSONValue.Member] = [
        .init("name", "A"), .init("method", "GET"), .init("path", "/a"), .init("match", "exact"),
      ]
      #expect(try await api.send(.post, apis, as: owner, .object(pattern)).status == 201)
      let again = try await api.send(.post, apis, as: owner, .object(pattern))
      #expect(again.status == 409)
      #expect(again.code == "api_exists")
      #expect(again.pointers == ["/path"])
      for (member, value) in [("method", "ANY"), ("path", "/A"), ("path", "/a/"), ("match", "prefix")] {
        let other = pattern.filter { $0.name != member } + [.init(member, .string(value))]
        let created = try await api.send(.post, apis, as: owner, .object(other))
        #expect(created.status == 201)
        let moved = try await api.send(.patch, "\(apis)/\(created.id)", as: owner, .object(pattern))
        #expect(moved.code == "api_exists")
      }
    }
  }

  private static let badMembers: [(String, JSONValue)] = [
    ("name", ""), ("method", "get"), ("method", "TRACE"), ("method", .null), ("path", "pets"), ("path", ""),
    ("path", "/a//b"), ("path", "/a/../b"), ("path", "/%2e"), ("path", "/a%2Fb"), ("path", "/a?b"), ("path", "/é"),
    ("path", "/{a}/{a}"), ("path", "/x{a}"), ("path", "/a\u{0}"), ("path", 1),
    ("path", .string("/" + String(repeating: "a", count: 1024))), ("match", "regex"), ("description", 5),
    ("owner", "x"),
  ]

  @Test func refusesABadMemberByItsName() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      let good: [JSONValue.Member] = [
        .init("name", "A"), .init("method", "GET"), .init("path", "/a"), .init("match", "exact"),
      ]
      let existing = try await api.send(.post, apis, as: owner, .object(good))
      let before = try await api.send(.get, apis, as: owner).text
      for (member, value) in Self.badMembers {
        let draft = good.filter { $0.name != member } + [.init(member, value)]
        let created = try await api.send(.post, apis, as: owner, .object(draft))
        #expect(created.status == 422, "\(member): \(value)")
        #expect(created.pointers == ["/\(member)"], "\(member): \(value)")
        let updated = try await api.send(.patch, "\(apis)/\(existing.id)", as: owner, .object([.init(member, value)]))
        #expect(updated.status == 422, "\(member): \(value)")
        #expect(updated.pointers == ["/\(member)"], "\(member): \(value)")
      }
      #expect(try await api.send(.post, apis, as: owner, [:]).pointers == ["/name", "/method", "/path", "/match"])
      #expect(try await api.send(.get, apis, as: owner).text == before)
    }
  }
}
