import Contract
import HTTPTypes
import Model
import Postgres
import Synchronization
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct SubscriptionKeyTests {
  @Test func createsAKeyAndShowsItsValueOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let wakes = api.wakes.count.withLock { $0 }
      let created = try await api.send(
        .post, "/subscription-keys", as: owner,
        ["name": "Build", "description": "For the\nbuild", "expiresAt": "2099-01-02T03:04:05+01:00"])
      #expect(created.status == 201)
      #expect(created["state"]?.text == "active")
      #expect(created["expiresAt"]?.text == "2099-01-02T02:04:05Z")
      #expect(created["createdBy"]?.text == owner.account.description)
      let secret = try #require(created["secrets"]?.elements?.first)
      let value = try #require(secret["value"]?.text)
      #expect(SecretValue(value) != nil)
      #expect(value.hasPrefix(try #require(secret["prefix"]?.text)))
      #expect(api.wakes.count.withLock { $0 } == wakes + 1)

      let shown = try await api.send(.get, "/subscription-keys/\(created.id)", as: owner)
      #expect(shown.status == 200)
      #expect(shown["description"]?.text == "For the\nbuild")
      #expect(!shown.text.contains(value))
      #expect(shown["secrets"]?.elements?.first?["lastUsedAt"] == .null)
      #expect(shown.headers[.eTag] == created.headers[.eTag])
    }
  }

  @Test func hasEveryMemberInEveryAnswer() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let key = try await api.key(of: owner)
      let shown = try await api.send(.get, "/subscription-keys/\(key)", as: owner)
      guard case .object(let members) = try #require(shown.json) else { throw Unexpected() }
      #expect(
        members.map(\.name) == [
          "id", "name", "description", "state", "expiresAt", "providers", "createdBy", "createdAt", "updatedAt",
          "deletedAt", "compromised", "secrets",
        ])
      #expect(shown["providers"] == .null)
      #expect(shown["deletedAt"] == .null)
      #expect(shown["compromised"] == false)
      #expect(shown["description"] == .null)
      #expect(shown["expiresAt"] == .null)
    }
  }

  @Test func updatesWhatIsGivenAndClearsWhatIsNull() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let key = try await api.key(of: owner, ["name": "A", "description": "B", "expiresAt": "2099-01-01T00:00:00Z"])
      let renamed = try await api.send(.patch, "/subscription-keys/\(key)", as: owner, ["name": "C"])
      #expect(renamed.status == 200)
      #expect(renamed["name"]?.text == "C")
      #expect(renamed["description"]?.text == "B")
      let cleared = try await api.send(
        .patch, "/subscription-keys/\(key)", as: owner,
        ["description": .null, "expiresAt": .null, "state": "disabled"],
        headers: [.contentType: "application/merge-patch+json"])
      #expect(cleared["description"] == .null)
      #expect(cleared["expiresAt"] == .null)
      #expect(cleared["state"]?.text == "disabled")
      #expect(cleared["secrets"]?.elements?.count == 1)
    }
  }

  @Test func updatesOnlyTheExpectedVersion() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let first = try #require(try await api.send(.get, path, as: owner).headers[.eTag])
      let second = try await api.send(.patch, path, as: owner, ["name": "B"], headers: [.ifMatch: first])
      #expect(second.status == 200)
      let stale = try await api.send(.patch, path, as: owner, ["name": "C"], headers: [.ifMatch: first])
      #expect(stale.status == 412)
      #expect(stale.code == "precondition_failed")
      let any = try await api.send(.patch, path, as: owner, ["name": "D"], headers: [.ifMatch: "*"])
      #expect(any.status == 200)
      let current = try #require(any.headers[.eTag])
      let listed = try await api.send(
        .patch, path, as: owner, ["name": "E"], headers: [.ifMatch: "\"nonsense\", \(current)"])
      #expect(listed["name"]?.text == "E")
      #expect(try await api.send(.patch, path, as: owner, ["name": "F"], headers: [.ifMatch: "W/\"1\""]).status == 412)
    }
  }

  /// It is shown for as long as it can be restored, and is gone to everything else.
  @Test func showsADeletedKeyAsSuch() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      #expect(try await api.send(.delete, path, as: owner).status == 204)
      let deleted = try await api.send(.get, path, as: owner)
      #expect(deleted.status == 200)
      #expect(deleted["state"]?.text == "deleted")
      #expect(deleted["deletedAt"]?.text != nil)
      let listed = try await api.send(.get, "/subscription-keys?state=deleted", as: owner).items
      #expect(listed == [deleted.json])
      let absent = try await api.send(.get, "/subscription-keys/\(ID<SubscriptionKey>.random())", as: owner)
      let other = try await api.owner(of: "acme")
      #expect(try await api.send(.get, path, as: other).comparable == absent.comparable)
      #expect(try await api.send(.delete, path, as: owner).status == 404)
      #expect(try await api.send(.patch, path, as: owner, ["name": "B"]).status == 404)
      #expect(try await api.send(.post, path + "/secrets", as: owner).status == 404)
      #expect(try await api.send(.get, "/subscription-keys", as: owner)["items"] == [])
      try await api.database.execute(
        Query<Void>("test.age", "UPDATE subscription_keys SET deleted_at = now() - interval '30 days'"))
      #expect(try await api.send(.get, path, as: owner).comparable == absent.comparable)
    }
  }

  @Test(arguments: [HTTPRequest.Method.get, .patch, .delete])
  func answersForeignAndMalformedIdsAsAbsentOnes(method: HTTPRequest.Method) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let foreign = try await api.key(of: globex)
      let body: JSONValue? = method == .patch ? ["name": "Mine"] : nil
      let absent = try await api.send(method, "/subscription-keys/\(ID<SubscriptionKey>.random())", as: acme, body)
      #expect(absent.status == 404)
      for id in [foreign, foreign.uppercased(), "sub_", "x", "%73ub", "'%20OR%201=1--"] {
        let answer = try await api.send(method, "/subscription-keys/\(id)", as: acme, body)
        #expect(answer.comparable == absent.comparable, "\(id)")
      }
      #expect(try await api.send(.get, "/subscription-keys/\(foreign)", as: globex)["name"]?.text == "Key")
    }
  }

  @Test func letsEachRoleDoWhatItMay() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let (admin, developer) = (
        try await api.account(.admin, besides: owner), try await api.account(.developer, besides: owner)
      )
      let viewer = try await api.account(.viewer, besides: owner)
      let (ofAdmin, ofDeveloper) = (try await api.key(of: admin), try await api.key(of: developer))

      #expect(try await api.send(.post, "/subscription-keys", as: viewer, ["name": "A"]).code == "forbidden")
      for reader in [viewer, developer, admin, owner] {
        #expect(try await api.send(.get, "/subscription-keys/\(ofAdmin)", as: reader).status == 200)
        #expect(try await api.send(.get, "/subscription-keys", as: reader)["items"]?.elements?.count == 2)
      }
      for (caller, key, status) in [
        (viewer, ofDeveloper, 403), (developer, ofAdmin, 403), (developer, ofDeveloper, 200), (admin, ofDeveloper, 200),
        (owner, ofAdmin, 200),
      ] {
        let answer = try await api.send(.patch, "/subscription-keys/\(key)", as: caller, ["name": "B"])
        #expect(answer.status == status)
      }
      #expect(try await api.send(.delete, "/subscription-keys/\(ofAdmin)", as: developer).status == 403)
      #expect(try await api.send(.post, "/subscription-keys/\(ofAdmin)/secrets", as: developer).status == 403)
      #expect(try await api.send(.delete, "/subscription-keys/\(ofDeveloper)", as: developer).status == 204)
    }
  }
}

struct Unexpected: Error {}

extension Answer {
  /// The answer's own id.
  var id: String { self["id"]?.text ?? "" }
}

extension Harness {
  /// The id of a new key.
  func key(of caller: Caller, _ draft: JSONValue = ["name": "Key"]) async throws -> String {
    let answer = try await send(.post, "/subscription-keys", as: caller, draft)
    try #require(answer.status == 201)
    return answer.id
  }
}
