import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct SubscriptionSearchTests {
  @Test func findsAnyTenantsKeyByItsWholeID() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let key = try await api.key(of: globex, ["name": "Key", "description": "Not to be told"])
      let found = try await api.send(.get, "/subscription-search?subscriptionId=\(key)", as: acme)
      #expect(found.status == 200)
      #expect(
        found.json == ["id": .string(key), "name": "Key", "tenant": ["name": "Tenant globex", "slug": "globex"]])
    }
  }

  /// threats.md, row 10.
  @Test func tellsNothingOfWhatIsNotThere() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let (key, deleted) = (try await api.key(of: globex), try await api.key(of: globex))
      _ = try await api.send(.delete, "/subscription-keys/\(deleted)", as: globex)
      let unknown = ID<SubscriptionKey>.random()
      let absent = try await api.send(.get, "/subscription-search?subscriptionId=\(unknown)", as: acme)
      #expect(absent.status == 404)
      for text in [
        deleted, String(key.dropLast()), "sub_%25", key.uppercased(), "%20" + key, key + "%20", "", "%00", "%27",
      ] {
        let answer = try await api.send(.get, "/subscription-search?subscriptionId=\(text)", as: acme)
        #expect(answer.comparable == absent.comparable, "\(text)")
      }
    }
  }

  /// Also a question that is refused, and whatever makes it safe to try again.
  @Test(arguments: [false, true])
  func countsQuestionsAsSearches(isEachUnderAKey: Bool) async throws {
    try await Harness.run(searchesPerMinute: 3) { api in
      let acme = try await api.owner(of: "acme")
      try await api.keepingTheMinute {
        for number in 1...5 {
          let answer = try await api.send(
            .post, "/explain", as: acme,
            [
              "subscriptionId": .string("\(ID<SubscriptionKey>.random())"), "method": "GET",
              "url": "/acme/online/pets",
            ], headers: isEachUnderAKey ? [.idempotencyKey: "k\(number)"] : [:])
          #expect(answer.status == (number > 3 ? 429 : 422))
        }
      }
    }
  }

  @Test func limitsSearchesPerAccount() async throws {
    try await Harness.run(searchesPerMinute: 2) { api in
      let acme = try await api.owner(of: "acme")
      let other = try await api.account(.viewer, besides: acme)
      let key = try await api.key(of: acme)
      let path = "/subscription-search?subscriptionId="
      #expect(try await api.send(.get, path + "x", as: acme).status == 404)
      try await api.database.execute(
        Query<Void>("test.spend", "UPDATE subscription_searches SET minute = date_trunc('minute', now()), searches = 2")
      )
      let refused = try await api.send(.get, path + key, as: acme)
      #expect(refused.status == 429)
      #expect(refused.code == "too_many_searches")
      let seconds = try #require(refused.headers[.retryAfter].flatMap(Int.init))
      #expect((1...60).contains(seconds))
      #expect(try await api.send(.get, path + key, as: other).status == 200)
      try await api.database.execute(
        Query<Void>("test.wait", "UPDATE subscription_searches SET minute = minute - interval '1 minute'"))
      #expect(try await api.send(.get, path + key, as: acme).status == 200)
    }
  }
}

extension Harness {
  /// Runs `body` within one minute of the database's clock.
  fileprivate func keepingTheMinute(_ body: () async throws -> Void) async throws {
    try await eventually {
      try await database.only(Query<Bool>("test.seconds", "SELECT extract(second FROM now()) < 50"))
    }
    try await body()
  }
}
