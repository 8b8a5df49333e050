import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// A group in an environment: an access mode of its own, untouched by releases.
@Suite(.latchkey, .serialized)
struct EnvironmentTests {
  @Test func showsEachEnvironmentWithWhatIsLive() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.liveGroup(of: owner))"
      let group = try await api.send(.get, path, as: owner)
      let listed = try await api.send(.get, path + "/environments", as: owner)
      #expect(listed.status == 200)
      #expect(listed.json?["items"] == group["environments"])
      #expect(listed["nextCursor"] == .null)
      #expect(listed.items.map { $0["environment"]?.text } == ["test", "preview", "online"])
      #expect(listed.items.map { $0["version"]?.text } == [nil, nil, "0.0.1"])
      #expect(
        listed.items.last?.memberNames == [
          "environment", "path", "accessMode", "effectiveAccessMode", "limitPolicyId", "limitPolicyName", "version",
          "deploymentId", "updatedAt",
        ])
      let online = try await api.send(.get, path + "/environments/online", as: owner)
      #expect(online.json == listed.items.last)
      #expect(online.headers[.eTag] == group.headers[.eTag])
      for environment in ["production", "ONLINE", "%00"] {
        for (method, body) in [(.get, nil), (.patch, [:])] as [(HTTPRequest.Method, JSONValue?)] {
          let absent = try await api.send(method, "\(path)/environments/\(environment)", as: owner, body)
          #expect(absent.status == 404)
        }
      }
    }
  }

  @Test func setsAndClearsAnAccessModeThatReleasesDoNotTouch() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let path = "/api-groups/\(group)/environments"
      var changed = Answer?.none
      let wakes = try await api.wakes {
        changed = try await api.send(.patch, path + "/test", as: owner, ["accessMode": "observe"])
      }
      #expect(wakes == 1)
      #expect(changed?.status == 200)
      #expect(changed?["accessMode"] == "observe" && changed?["effectiveAccessMode"] == "observe")
      #expect(try await api.release(of: group, to: "test", as: owner).status == 201)
      #expect(try await api.send(.delete, "/api-groups/\(group)/deployments/test", as: owner).status == 204)
      #expect(try await api.release(of: group, to: "test", as: owner).status == 201)
      #expect(try await api.send(.patch, "/api-groups/\(group)", as: owner, ["accessMode": "open"]).status == 200)
      let modes = try await api.send(.get, path, as: owner).items
      #expect(modes.map { $0["accessMode"] } == ["observe", .null, .null])
      #expect(modes.map { $0["effectiveAccessMode"] } == ["observe", "open", "open"])
      #expect(try await api.send(.patch, path + "/test", as: owner, [:])["accessMode"] == "observe")
      let cleared = try await api.send(.patch, path + "/test", as: owner, ["accessMode": .null])
      #expect(cleared["accessMode"] == .null && cleared["effectiveAccessMode"] == "open")
    }
  }

  @Test func changesOfAnExpectedVersionOnly() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.liveGroup(of: owner))/environments/online"
      let tag = try #require(try await api.send(.get, path, as: owner).headers[.eTag])
      let headers: HTTPFields = [.ifMatch: tag]
      let first = try await api.send(.patch, path, as: owner, ["accessMode": "open"], headers: headers)
      #expect(first.status == 200 && first.headers[.eTag] != tag)
      let second = try await api.send(.patch, path, as: owner, ["accessMode": "required"], headers: headers)
      #expect(second.status == 412 && second.code == "precondition_failed")
      #expect(try await api.send(.get, path, as: owner)["accessMode"] == "open")
    }
  }

  @Test(
    arguments: [
      (["accessMode": "closed"], "/accessMode"), (["accessMode": 1], "/accessMode"), (["version": "1"], "/version"),
    ] as [(JSONValue, String)])
  func refusesBadChanges(_ body: JSONValue, _ pointer: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.group(of: owner))/environments/online"
      let refused = try await api.send(.patch, path, as: owner, body)
      #expect(refused.status == 422 && refused.pointers == [pointer])
    }
  }

  @Test func answersAnothersGroupAsAnAbsentOne() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let foreign = try await api.liveGroup(of: globex)
      let viewer = try await api.account(.viewer, besides: acme)
      for (method, path, body) in [
        (.get, "", nil), (.get, "/online", nil), (.patch, "/online", ["accessMode": "open"]),
      ] as [(HTTPRequest.Method, String, JSONValue?)] {
        let absent = try await api.send(
          method, "/api-groups/\(ID<APIGroup>.random())/environments\(path)", as: acme, body)
        let other = try await api.send(method, "/api-groups/\(foreign)/environments\(path)", as: acme, body)
        #expect(absent.status == 404 && other.comparable == absent.comparable)
        #expect(try await api.send(method, "/api-groups/\(foreign)/environments\(path)", body).status == 401)
      }
      let own = "/api-groups/\(try await api.group(of: acme))/environments"
      #expect(try await api.send(.get, own, as: viewer).status == 200)
      for role in [Role.viewer, .developer] {
        let caller = try await api.account(role, besides: acme)
        let refused = try await api.send(.patch, own + "/online", as: caller, ["accessMode": "open"])
        #expect(refused.status == 403)
      }
      #expect(
        try await api.send(.get, "/api-groups/\(foreign)/environments/online", as: globex)["accessMode"] == .null)
    }
  }

  @Test func authorizesByTheModeThatCounts() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner, accessMode: "open")
      #expect(try await api.release(of: group, to: "test", as: owner).status == 201)
      let key = try await api.key(of: owner)
      let environments = "/api-groups/\(group)/environments"
      #expect(try await api.authorize(key, for: [(group, "test")], as: owner).status == 422)
      #expect(
        try await api.send(.patch, environments + "/test", as: owner, ["accessMode": "required"]).status == 200)
      let listed = try await api.send(.get, "/authorizable-groups", as: owner)
      #expect(listed.items.map { $0["environment"]?.text } == ["test"])
      let all = try await api.send(.get, "/authorizable-groups?all=true", as: owner)
      #expect(all.items.map { $0["reason"] } == [.null, "offline", "open"])
      #expect(try await api.authorize(key, for: [(group, "test")], as: owner).status == 201)
      #expect(try await api.authorize(key, for: [(group, "online")], as: owner).status == 422)
    }
  }
}
