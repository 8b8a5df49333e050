import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// When secrets expire, and when they were used last.
@Suite(.latchkey, .serialized)
struct SecretExpiryTests {
  @Test func rotatesToASecretThatExpires() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let rotated = try await api.send(
        .post, path + "/secrets", as: owner, ["expiresAt": "2099-01-02T03:04:05.123456Z"])
      #expect(rotated.status == 201)
      #expect(rotated["expiresAt"]?.text == "2099-01-02T03:04:05.123456Z")
      let shown = try await api.send(.get, path, as: owner)
      #expect(shown["secrets"]?.elements?.map { $0["expiresAt"] } == [.null, "2099-01-02T03:04:05.123456Z"])
      for (body, pointers) in [
        (["expiresAt": "2001-01-01T00:00:00Z"], ["/expiresAt"]), (["expiresAt": "soon"], ["/expiresAt"]),
        (["name": "x"], ["/name"]),
      ] as [(JSONValue, [String])] {
        let answer = try await api.send(.post, path + "/secrets", as: owner, body)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
      }
    }
  }

  @Test func showsWhenBothSecretsWereUsedLast() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      try await api.database.execute(
        Query<Void>("test.use", "UPDATE subscription_secrets SET last_used_at = '2026-01-02 03:04:05.678901+00'"))
      let rotated = try await api.send(.post, path + "/secrets", as: owner)
      #expect(rotated["lastUsedAt"] == .null)
      let both: [JSONValue?] = ["2026-01-02T03:04:05.678901Z", .null]
      #expect(rotated["secrets"]?.elements?.map { $0["lastUsedAt"] } == both)
      #expect(rotated["secrets"]?.elements?.last?["id"]?.text == rotated.id)
      let shown = try await api.send(.get, path, as: owner)
      #expect(shown["secrets"] == rotated["secrets"])
      #expect(
        try await api.send(.get, "/subscription-keys", as: owner).items.map { $0["secrets"] } == [shown["secrets"]])
    }
  }

  @Test func changesWhenASecretExpires() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let before = try await api.send(.get, path, as: owner)
      let secret = "\(path)/secrets/\(try #require(before["secrets"]?.elements?.first?["id"]?.text))"
      var changed = Answer?.none
      let first = try #require(before.headers[.eTag])
      let wakes = try await api.wakes {
        changed = try await api.send(
          .patch, secret, as: owner, ["expiresAt": "2099-01-01T00:00:00Z"], headers: [.ifMatch: first])
      }
      #expect(wakes == 1)
      #expect(changed?.status == 200)
      #expect(changed?["secrets"]?.elements?.first?["expiresAt"]?.text == "2099-01-01T00:00:00Z")
      #expect(try await api.send(.get, path, as: owner).json == changed?.json)
      let stale = try await api.send(
        .patch, secret, as: owner, ["expiresAt": .null], headers: [.ifMatch: first])
      #expect(stale.status == 412)
      let kept = try await api.send(.patch, secret, as: owner, [:])
      #expect(kept["secrets"]?.elements?.first?["expiresAt"]?.text == "2099-01-01T00:00:00Z")
      let cleared = try await api.send(.patch, secret, as: owner, ["expiresAt": .null])
      #expect(cleared["secrets"]?.elements?.first?["expiresAt"] == .null)
      let past = try await api.send(.patch, secret, as: owner, ["expiresAt": "2001-01-01T00:00:00Z"])
      #expect(past.pointers == ["/expiresAt"])
    }
  }

  @Test func changesNoForeignSecret() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (mine, foreign) = (try await api.key(of: acme), try await api.key(of: globex))
      let shown = try await api.send(.get, "/subscription-keys/\(foreign)", as: globex)
      let secret = try #require(shown["secrets"]?.elements?.first?["id"]?.text)
      let body: JSONValue = ["expiresAt": "2099-01-01T00:00:00Z"]
      let absent = try await api.send(
        .patch, "/subscription-keys/\(mine)/secrets/\(ID<SubscriptionKey.Secret>.random())", as: acme, body)
      #expect(absent.status == 404)
      for path in ["\(foreign)/secrets/\(secret)", "\(mine)/secrets/\(secret)", "\(mine)/secrets/x"] {
        let answer = try await api.send(.patch, "/subscription-keys/\(path)", as: acme, body)
        #expect(answer.comparable == absent.comparable, "\(path)")
      }
      #expect(try await api.send(.get, "/subscription-keys/\(foreign)", as: globex).text == shown.text)
    }
  }

  @Test func letsDevelopersChangeTheirOwnOnly() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let (viewer, developer) = (
        try await api.account(.viewer, besides: owner), try await api.account(.developer, besides: owner)
      )
      for (creator, caller, status) in [
        (developer, viewer, 403), (owner, developer, 403), (developer, developer, 200), (developer, owner, 200),
      ] {
        let key = try await api.key(of: creator)
        let shown = try await api.send(.get, "/subscription-keys/\(key)", as: owner)
        let secret = try #require(shown["secrets"]?.elements?.first?["id"]?.text)
        let answer = try await api.send(
          .patch, "/subscription-keys/\(key)/secrets/\(secret)", as: caller, ["expiresAt": "2099-01-01T00:00:00Z"])
        #expect(answer.status == status)
        let rotated = try await api.send(.post, "/subscription-keys/\(key)/secrets", as: caller, [:])
        #expect(rotated.status == (status == 200 ? 201 : 403))
      }
    }
  }

  @Test func expiredSecretsMakeRoomForOthers() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let first = try await api.send(.post, path + "/secrets", as: owner)
      #expect(try await api.send(.post, path + "/secrets", as: owner).code == "too_many_secrets")
      try await api.expireSecret(first.id)
      let second = try await api.send(.post, path + "/secrets", as: owner)
      #expect(second.status == 201)
      let ids = second["secrets"]?.elements?.compactMap { $0["id"]?.text } ?? []
      #expect(ids.count == 2 && !ids.contains(first.id) && ids.last == second.id)
    }
  }

  @Test func keepsTheLastSecretThatHasNotExpired() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let second = try await api.send(.post, path + "/secrets", as: owner)
      let first = try #require(second["secrets"]?.elements?.first?["id"]?.text)
      try await api.expireSecret(first)
      #expect(try await api.send(.delete, "\(path)/secrets/\(second.id)", as: owner).code == "last_secret")
      #expect(try await api.send(.delete, "\(path)/secrets/\(first)", as: owner).status == 204)
    }
  }

  @Test func aDeveloperClearsAwayNoExpiredSecretOfAnothersKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let developer = try await api.account(.developer, besides: owner)
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      try await api.expireSecret(try await api.send(.post, path + "/secrets", as: owner).id)
      let before = try await api.send(.get, path, as: owner).text
      #expect(try await api.send(.post, path + "/secrets", as: developer).status == 403)
      #expect(try await api.send(.get, path, as: owner).text == before)
    }
  }
}

extension Harness {
  /// Lets a secret's time be over.
  func expireSecret(_ secret: String) async throws {
    try await database.execute(
      Query<Void>("test.expire", "UPDATE subscription_secrets SET expires_at = now() WHERE id = \(secret)"))
  }
}
