import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct SecretTests {
  @Test func rotatesWithoutAnOutage() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let before = try await api.send(.get, path, as: owner)
      let old = try #require(before["secrets"]?.elements?.first?["id"]?.text)
      let rotated = try await api.send(.post, path + "/secrets", as: owner)
      #expect(rotated.status == 201)
      let value = try #require(rotated["value"]?.text)
      let digests = try await api.database.all(
        Query<[UInt8]>("test.digests", "SELECT digest FROM subscription_secrets"))
      #expect(digests.count == 2)
      #expect(digests.contains(SecretDigest(hashing: value).bytes))
      #expect(try await api.send(.post, path + "/secrets", as: owner, [:]).code == "too_many_secrets")
      #expect(try await api.send(.delete, path + "/secrets/\(old)", as: owner).status == 204)
      let after = try await api.send(.get, path, as: owner)
      #expect(after["secrets"]?.elements?.compactMap { $0["id"]?.text } == [rotated.id])
      #expect(after.headers[.eTag] != before.headers[.eTag])
      #expect(!after.text.contains(value))
    }
  }

  @Test func keepsTheLastSecret() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let path = "/subscription-keys/\(try await api.key(of: owner))"
      let shown = try await api.send(.get, path, as: owner)
      let only = try #require(shown["secrets"]?.elements?.first?["id"]?.text)
      let refused = try await api.send(.delete, path + "/secrets/\(only)", as: owner)
      #expect(refused.status == 409)
      #expect(refused.code == "last_secret")
      #expect(try await api.send(.get, path, as: owner).headers[.eTag] == shown.headers[.eTag])
    }
  }

  @Test func findsNoForeignKeyOrSecret() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (mine, foreign) = (try await api.key(of: acme), try await api.key(of: globex))
      let rotated = try await api.send(.post, "/subscription-keys/\(foreign)/secrets", as: globex)
      let absent = try await api.send(.post, "/subscription-keys/\(ID<SubscriptionKey>.random())/secrets", as: acme)
      #expect(absent.status == 404)
      #expect(
        try await api.send(.post, "/subscription-keys/\(foreign)/secrets", as: acme).comparable == absent.comparable)
      for path in [
        "/subscription-keys/\(foreign)/secrets/\(rotated.id)", "/subscription-keys/\(mine)/secrets/\(rotated.id)",
        "/subscription-keys/\(mine)/secrets/\(ID<SubscriptionKey.Secret>.random())",
        "/subscription-keys/\(mine)/secrets/x",
      ] {
        #expect(try await api.send(.delete, path, as: acme).comparable == absent.comparable, "\(path)")
      }
    }
  }

  @Test func holdsTheLimitAgainstManyAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "globex")
      let id = try await api.key(of: owner)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask { try await api.send(.post, "/subscription-keys/\(id)/secrets", as: owner).status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 201 } == 1)
      #expect(statuses.count { $0 == 409 } == 7)
      let key = try await api.send(.get, "/subscription-keys/\(id)", as: owner)
      #expect(key["secrets"]?.elements?.count == 2)
    }
  }
}
