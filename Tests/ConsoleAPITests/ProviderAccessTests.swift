import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// Who may do what of a provider's: other tenants nothing, not even learn what is there; accounts by their role.
@Suite(.latchkey, .serialized)
struct ProviderAccessTests {
  /// A provider's things, and each call on them by its path.
  private struct Provider {
    let owner: Caller
    let group, api, revision, authorization, key: String

    init(_ slug: String, in api: Harness) async throws {
      owner = try await api.owner(of: slug)
      group = try await api.liveGroup(of: owner)
      self.api = try await api.api(of: owner, in: group, path: "/more")
      revision = try await api.revision("0.0.2", of: group, as: owner)
      key = try await api.key(of: owner)
      authorization = try await api.authorize(key, for: [(group, "online")], as: owner).id
    }

    private static let release: JSONValue = [
      "version": "0.0.1", "environment": "test", "backend": ["type": "http", "url": "http://a.example"],
    ]
    private static let draft: JSONValue = ["name": "A", "method": "GET", "path": "/x", "match": "exact"]

    /// What only reads.
    func reads(
      group: String? = nil, api: String? = nil, revision: String? = nil, authorization: String? = nil,
      key: String? = nil
    ) -> [(HTTPRequest.Method, String, JSONValue?)] {
      let path = "/api-groups/\(group ?? self.group)"
      return [
        (.get, path, nil), (.get, path + "/apis", nil), (.get, "\(path)/apis/\(api ?? self.api)", nil),
        (.get, path + "/revisions", nil), (.get, "\(path)/revisions/\(revision ?? self.revision)", nil),
        (.get, path + "/deployments", nil), (.get, "/authorizations/\(authorization ?? self.authorization)", nil),
        (.get, "/subscription-keys/\(key ?? self.key)/authorizations", nil),
      ]
    }

    /// What changes something, in an order in which all of it succeeds.
    func writes(
      group: String? = nil, api: String? = nil, authorization: String? = nil
    ) -> [(HTTPRequest.Method, String, JSONValue?)] {
      let (path, authorization) = ("/api-groups/\(group ?? self.group)", authorization ?? self.authorization)
      return [
        (.patch, path, ["name": "B"]), (.post, path + "/apis", Self.draft),
        (.patch, "\(path)/apis/\(api ?? self.api)", ["name": "B"]), (.delete, "\(path)/apis/\(api ?? self.api)", nil),
        (.post, path + "/revisions", ["version": "9.9.9"]), (.post, path + "/deployments", Self.release),
        (.patch, "/authorizations/\(authorization)", ["description": "B"]),
        (.delete, "/authorizations/\(authorization)", nil), (.delete, path + "/deployments/test", nil),
        (.delete, path + "/deployments/online", nil), (.delete, path, nil),
      ]
    }
  }

  @Test func answersForeignAndMalformedIdsAsAbsentOnes() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await Provider("acme", in: api), try await Provider("globex", in: api))
      let absent =
        globex.reads(
          group: "\(ID<APIGroup>.random())", api: "\(ID<API>.random())", revision: "\(ID<Revision>.random())",
          authorization: "\(ID<Authorization>.random())", key: "\(ID<SubscriptionKey>.random())")
        + globex.writes(
          group: "\(ID<APIGroup>.random())", api: "\(ID<API>.random())", authorization: "\(ID<Authorization>.random())")
      let malformed =
        globex.reads(group: "grp_x", api: "'", revision: "%00", authorization: "aut_", key: "x")
        + globex.writes(group: "GRP_", api: "%27", authorization: "..;")
      let foreign = globex.reads() + globex.writes()
      for (index, (method, path, body)) in absent.enumerated() {
        let expected = try await api.send(method, path, as: acme.owner, body)
        #expect(expected.status == 404, "\(method) \(path)")
        for (method, path, body) in [foreign[index], malformed[index]] {
          let answer = try await api.send(method, path, as: acme.owner, body)
          #expect(answer.comparable == expected.comparable, "\(method) \(path)")
        }
      }
      // Nothing came of it.
      for (method, path, _) in globex.reads() {
        #expect(try await api.send(method, path, as: globex.owner).status == 200)
      }
      #expect(try await api.send(.get, "/api-groups/\(globex.group)", as: globex.owner)["name"]?.text == "Group pets")
    }
  }

  @Test func findsNothingOfAnotherGroupOfTheSameTenant() async throws {
    try await Harness.run { api in
      let acme = try await Provider("acme", in: api)
      let other = try await api.group(of: acme.owner, prefix: "other")
      for path in ["apis/\(acme.api)", "revisions/\(acme.revision)"] {
        #expect(try await api.send(.get, "/api-groups/\(other)/\(path)", as: acme.owner).status == 404)
      }
      let api1 = "/api-groups/\(other)/apis/\(acme.api)"
      #expect(try await api.send(.patch, api1, as: acme.owner, ["name": "B"]).status == 404)
      #expect(try await api.send(.delete, api1, as: acme.owner).status == 404)
    }
  }

  @Test func answersForeignIdsInBodiesAsAbsentOnes() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await Provider("acme", in: api), try await Provider("globex", in: api))
      let deleted = try await api.key(of: globex.owner)
      #expect(try await api.send(.delete, "/subscription-keys/\(deleted)", as: globex.owner).status == 204)
      let key = try await api.key(of: globex.owner)

      let absentGroup = try await api.authorize(key, for: [("\(ID<APIGroup>.random())", "online")], as: acme.owner)
      #expect(absentGroup.status == 422)
      #expect(absentGroup.pointers == ["/targets/0/groupId"])
      for group in [globex.group, globex.group.uppercased(), "grp_", "", "x", "grp_\u{0}", "' OR 1=1--"] {
        let answer = try await api.authorize(key, for: [(group, "online")], as: acme.owner)
        #expect(answer.comparable == absentGroup.comparable, "\(group)")
        let updated = try await api.send(
          .patch, "/authorizations/\(acme.authorization)", as: acme.owner, ["targets": [.target(group)]])
        #expect(updated.comparable == absentGroup.comparable, "\(group)")
      }

      let targets = [(group: acme.group, environment: "online")]
      let absentKey = try await api.authorize("\(ID<SubscriptionKey>.random())", for: targets, as: acme.owner)
      #expect(absentKey.status == 422)
      #expect(absentKey.pointers == ["/subscriptionId"])
      for id in [deleted, key.uppercased(), key + " ", "sub_", "", "%", String(repeating: "x", count: 2000)] {
        let answer = try await api.authorize(id, for: targets, as: acme.owner)
        #expect(answer.comparable == absentKey.comparable, "\(id)")
      }
      #expect(try await api.send(.get, "/authorizations", as: acme.owner).items.count == 1)
    }
  }

  @Test func letsEachRoleDoWhatItMay() async throws {
    try await Harness.run { api in
      let acme = try await Provider("acme", in: api)
      let lists = ["/api-groups", "/authorizable-groups", "/authorizations"].map {
        (HTTPRequest.Method.get, $0, JSONValue?.none)
      }
      let group: JSONValue = ["name": "A", "prefix": "a", "accessMode": "open"]
      let authorization: JSONValue = [
        "type": "subscriptionKey", "subscriptionId": .string(acme.key), "targets": [.target(acme.group, "test")],
      ]
      let creations: [(HTTPRequest.Method, String, JSONValue?)] = [
        (.post, "/api-groups", group), (.post, "/authorizations", authorization),
      ]
      for role in [Role.viewer, .developer] {
        let caller = try await api.account(role, besides: acme.owner)
        for (method, path, body) in acme.reads() + lists {
          #expect(try await api.send(method, path, as: caller, body).status == 200, "\(role) \(method) \(path)")
        }
        for (method, path, body) in acme.writes() + creations {
          let answer = try await api.send(method, path, as: caller, body)
          #expect(answer.code == "forbidden", "\(role) \(method) \(path)")
        }
      }
      for (method, path, body) in acme.reads() + lists + acme.writes() + creations {
        #expect(try await api.send(method, path, as: nil, body).status == 401, "\(method) \(path)")
      }
      let admin = try await api.account(.admin, besides: acme.owner)
      for (method, path, body) in acme.reads() + lists + creations.prefix(1) + acme.writes() {
        let answer = try await api.send(method, path, as: admin, body)
        #expect((200...204).contains(answer.status), "\(method) \(path)")
      }
    }
  }
}
