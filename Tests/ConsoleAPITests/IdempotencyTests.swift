import Contract
import HTTPTypes
import Model
import Postgres
import Sealing
import TestPostgres
import Testing

/// `Idempotency-Key`: a change is made once, however often it is asked for.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct IdempotencyTests {
  private static let group: JSONValue = ["name": "Pets", "prefix": "pets", "accessMode": "open"]

  @Test func repeatsWhatItAnswered() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      var (first, second) = (Answer?.none, Answer?.none)
      let wakes = try await api.wakes {
        first = try await api.once("k-1", .post, "/api-groups", as: owner, Self.group)
        second = try await api.once("k-1", .post, "/api-groups", as: owner, Self.group)
      }
      #expect(wakes == 1)
      #expect(first?.status == 201)
      #expect(first?.isReplayed == false)
      #expect(second?.isReplayed == true)
      #expect(second?.status == 201)
      #expect(second?.text == first?.text)
      #expect(second?.headers[.eTag] == first?.headers[.eTag])
      #expect(second?.headers[.eTag] != nil)
      #expect(try await api.send(.get, "/api-groups", as: owner).items.count == 1)
    }
  }

  @Test func tellsWhoMayLessByNowNothingOfWhatWasAnswered() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let other = try await api.member(.owner, besides: owner)
      let first = try await api.once("k-1", .post, "/api-groups", as: other, Self.group)
      #expect(first.status == 201)
      let made = try await api.send(.post, "/access-tokens", as: other, ["name": "CI"])
      let token = other.showing(try #require(made["value"]?.text, "\(made.text)"))
      let byToken = try await api.once("k-1", .post, "/api-groups", as: token, Self.group)
      #expect(byToken.code == "idempotency_key_reused")
      let account = "/accounts/\(other.account)"
      for (role, code) in [("admin", "idempotency_key_reused"), ("viewer", "forbidden")] {
        #expect(try await api.send(.patch, account, as: owner, ["role": .string(role)]).status == 200)
        let demoted = try await api.once("k-1", .post, "/api-groups", as: other, Self.group)
        #expect(demoted.code == code)
        #expect(!demoted.text.contains(first.id))
      }
    }
  }

  @Test func worksOnEverySignedInPost() async throws {
    try await Harness.run { api in
      guard case .object(let paths) = api.documented.document["paths"] else { return }
      var taking: [String] = []
      for path in paths {
        guard case .object(let operations) = path.value else { continue }
        for operation in operations {
          let names = operation.value["parameters"]?.elements?.compactMap { $0["name"]?.text } ?? []
          let isSignedInPost = operation.name == "post" && operation.value["security"] != []
          #expect(names.contains("Idempotency-Key") == isSignedInPost, "\(operation.name) \(path.name)")
          if isSignedInPost { taking.append(path.name) }
        }
      }
      #expect(taking.count >= 7)
      let owner = try await api.owner(of: "acme")
      for path in taking {
        let template = try Regex("\\{[^}]*\\}")
        let answer = try await api.once("", .post, path.replacing(template, with: "x"), as: owner, [:])
        #expect(answer.status == 422, "\(path)")
        #expect(answer.pointers == ["Idempotency-Key"], "\(path)")
      }
    }
  }

  @Test func refusesAnotherRequestUnderTheSameKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.group(of: owner))"
      let draft: JSONValue = ["name": "A", "method": "GET", "path": "/a", "match": "exact"]
      let first = try await api.once("k", .post, path + "/apis", as: owner, draft)
      #expect(first.status == 201)
      let others: [(String, JSONValue)] = [
        (path + "/apis", ["name": "B", "method": "GET", "path": "/a", "match": "exact"]), (path + "/apis", [:]),
        (path + "/apis?x=1", draft), (path + "/revisions", ["version": "0.0.1"]), ("/api-groups", Self.group),
      ]
      for (path, body) in others {
        let answer = try await api.once("k", .post, path, as: owner, body)
        #expect(answer.status == 422, "\(path)")
        #expect(answer.code == "idempotency_key_reused", "\(path)")
        #expect(!answer.isReplayed)
      }
      #expect(try await api.once("k", .post, path + "/apis", as: owner, draft).text == first.text)
      #expect(try await api.send(.get, path + "/revisions", as: owner).items.isEmpty)
    }
  }

  @Test(arguments: ["", " ", "a b", "é", String(repeating: "x", count: 256)])
  func refusesABadKey(key: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let answer = try await api.once(key, .post, "/api-groups", as: owner, Self.group)
      #expect([400, 422].contains(answer.status))
      #expect(try await api.send(.get, "/api-groups", as: owner).items.isEmpty)
    }
  }

  @Test func takesTheLongestKeyAndRefusesTwo() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let key = "!~" + String(repeating: "x", count: 253)
      let first = try await api.once(key, .post, "/api-groups", as: owner, Self.group)
      #expect(try await api.once(key, .post, "/api-groups", as: owner, Self.group).text == first.text)
      var headers: HTTPFields = [:]
      for value in ["a", "b"] { headers.append(HTTPField(name: .idempotencyKey, value: value)) }
      let twice = try await api.send(.post, "/api-groups", as: owner, Self.group, headers: headers)
      #expect(twice.pointers == ["Idempotency-Key"])
    }
  }

  @Test func isEachAccountsOwn() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let colleague = try await api.account(.admin, besides: owner)
      let stranger = try await api.owner(of: "globex")
      var ids: Set<String> = []
      for caller in [owner, colleague, stranger] {
        let answer = try await api.once("k", .post, "/subscription-keys", as: caller, ["name": "A"])
        #expect(answer.status == 201)
        #expect(!answer.isReplayed)
        ids.insert(answer.id)
      }
      #expect(ids.count == 3)
    }
  }

  @Test func keepsNoRefusal() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let absent = "/api-groups/\(ID<APIGroup>.random())/revisions"
      #expect(try await api.once("k", .post, absent, as: owner, ["version": "0.0.1"]).status == 404)
      #expect(try await api.once("k", .post, "/api-groups", as: owner, [:]).status == 422)
      let group = try await api.group(of: owner, prefix: "pets")
      let taken = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      #expect(taken.code == "prefix_taken")
      #expect(try await api.send(.delete, "/api-groups/\(group)", as: owner).status == 204)
      let created = try await api.once("k", .post, "/api-groups", as: owner, Self.group)
      #expect(created.status == 201)
      #expect(!created.isReplayed)
      #expect(try await api.answers.count == 1)
      let viewer = try await api.account(.viewer, besides: owner)
      #expect(try await api.once("k", .post, "/api-groups", as: viewer, Self.group).status == 403)
      #expect(try await api.once("k", .post, "/api-groups", as: nil, Self.group).status == 401)
    }
  }

  /// A dump of the database, a poor key and a body that can be guessed are not enough to find out what was sent.
  @Test func keepsADigestThatOnlyTheInstallationCanMake() async throws {
    let (old, new) = (String(repeating: "5a", count: 32), String(repeating: "6b", count: 32))
    func sealer(_ keys: String) throws -> Sealer {
      let ring = try #require(SealingKeyRing(keys))
      return Sealer(ring)
    }
    let (callers, signedUp) = AsyncStream<Caller>.makeStream()
    try await Harness.run(sealer: sealer("1:\(old)")) { api in
      let owner = try await api.owner(of: "acme")
      signedUp.yield(owner)
      let made = try await api.once("1", .post, "/api-groups", as: owner, Self.group)
      #expect(made.status == 201)
      let kept = try await api.database.only(
        Query<[UInt8]>("test.fingerprint", "SELECT request_fingerprint FROM idempotent_answers"))
      let key = try #require(IdempotencyKey("1"))
      let guess = IdempotentRequest(
        key, of: owner.account, authority: "owner session", method: "POST", target: "/v1/api-groups",
        body: Self.group.bytes)
      #expect(!guess.fingerprints.contains(kept))
    }
    signedUp.finish()
    for await owner in callers {
      // It is known again after the key was changed, until the old one is given up.
      try await Harness.run(sealer: sealer("2:\(new),1:\(old)")) { api in
        let again = try await api.once("1", .post, "/api-groups", as: owner, Self.group)
        #expect(again.isReplayed)
        let other = try await api.once("1", .post, "/api-groups", as: owner, [:])
        #expect(other.code == "idempotency_key_reused")
      }
      try await Harness.run(sealer: sealer("2:\(new)")) { api in
        let answer = try await api.once("1", .post, "/api-groups", as: owner, Self.group)
        #expect(answer.code == "idempotency_key_reused")
      }
    }
  }

  @Test func keepsNoSecret() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let created = try await api.once("k-c", .post, "/subscription-keys", as: owner, ["name": "A"])
      let value = try #require(created["secrets"]?.elements?.first?["value"]?.text)
      #expect(created["secretsOmitted"] == nil)
      let path = "/subscription-keys/\(created.id)/secrets"
      let rotated = try await api.once("k-r", .post, path, as: owner)
      let second = try #require(rotated["value"]?.text)

      let repeated = try await api.once("k-c", .post, "/subscription-keys", as: owner, ["name": "A"])
      #expect(repeated.isReplayed)
      #expect(repeated.id == created.id)
      #expect(repeated["secretsOmitted"] == true)
      #expect(repeated["secrets"]?.elements?.first?["id"] == created["secrets"]?.elements?.first?["id"])
      #expect(repeated["secrets"]?.elements?.first?["value"] == nil)
      let again = try await api.once("k-r", .post, path, as: owner)
      #expect(again["secretsOmitted"] == true)
      #expect(again["value"] == nil)
      #expect(again.id == rotated.id)

      for secret in [value, second, String(value.dropFirst(8)), "k-c"] {
        let hex = secret.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        for row in try await api.answers { #expect(!row.contains(secret) && !row.contains(hex)) }
      }
      #expect(try await api.answers.count == 2)
    }
  }

  /// Every member of a signed-in POST's answer that shows a secret must be known as one.
  @Test func knowsEverySecretOfEveryAnswer() async throws {
    try await Harness.run { api in
      let document = api.documented.document
      guard case .object(let paths) = document["paths"] else { return }
      for path in paths {
        guard let post = path.value["post"], post["security"] != [] else { continue }
        guard case .object(let responses) = post["responses"] else { continue }
        for response in responses where response.name.hasPrefix("2") {
          for member in Self.members(of: response.value, in: document)
          where ["value", "token", "secret", "password"].contains(member.name) {
            #expect(
              member.value["description"]?.text?.hasSuffix(JSONSchema.shownOnceNote) == true,
              "\(path.name) \(member.name)")
          }
        }
      }
    }
  }

  /// All properties below a place of the document.
  private static func members(of json: JSONValue, in document: JSONValue) -> [JSONValue.Member] {
    if let name = json["$ref"]?.text?.split(separator: "/").last {
      return document["components"]?["schemas"]?[String(name)].map { members(of: $0, in: document) } ?? []
    }
    switch json {
    case .array(let elements): return elements.flatMap { members(of: $0, in: document) }
    case .object(let members):
      var own: [JSONValue.Member] = []
      if case .object(let properties) = json["properties"] { own = properties }
      return own + members.flatMap { Self.members(of: $0.value, in: document) }
    default: return []
    }
  }

  @Test func repeatsAReceiptToo() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let first = try await api.once("k", .post, "/subscription-keys?wait=100ms", as: owner, ["name": "A"])
      #expect(first.status == 201)
      #expect(first["receipt"] != nil)
      let again = try await api.once("k", .post, "/subscription-keys?wait=100ms", as: owner, ["name": "A"])
      #expect(again.isReplayed)
      #expect(again["receipt"] == first["receipt"])
      #expect(again["secretsOmitted"] == true)
    }
  }

  @Test(arguments: ["foreign", "empty", "unset"])
  func showsNoRowOfAnother(setting: String) async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      _ = try await api.once("k", .post, "/subscription-keys", as: globex, ["name": "A"])
      let settings: [String: TransactionSettings] = [
        "foreign": ["latchkey.tenant_id": acme.tenant.description], "empty": ["latchkey.tenant_id": ""],
      ]
      try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
        let seen = try await pool.pipeline(
          settings: settings[setting] ?? .none,
          Query<Int>("test.count", "SELECT count(*) FROM idempotent_answers").only,
          Query<Void>("test.spoil", "UPDATE idempotent_answers SET body = ''").affected)
        #expect(seen == (0, 0))
        let refused = await #expect(throws: PostgresError.self) {
          try await pool.pipeline(
            settings: settings[setting] ?? .none,
            Query<Void>(
              "test.plant",
              """
              INSERT INTO idempotent_answers (tenant_id, account_id, key_digest, request_fingerprint, status, body)
              VALUES (\(globex.tenant), \(globex.account), sha256('a'), sha256('a'), 200, '')
              """
            ).affected)
        }
        #expect(refused?.sqlState == "42501")
      }
      try await TestDatabase.current.withPool(user: "latchkey_gateway") { pool in
        let refused = await #expect(throws: PostgresError.self) {
          _ = try await pool.only(Query<Int>("test.count", "SELECT count(*) FROM idempotent_answers"))
        }
        #expect(refused?.sqlState == "42501")
      }
    }
  }

  @Test func lasts24Hours() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let first = try await api.once("k", .post, "/subscription-keys", as: owner, ["name": "A"])
      try await api.age(by: "23 hours 59 minutes 50 seconds")
      #expect(try await api.pruneAnswers() == 0)
      #expect(try await api.once("k", .post, "/subscription-keys", as: owner, ["name": "A"]).id == first.id)
      try await api.age(by: "10 seconds")
      let second = try await api.once("k", .post, "/subscription-keys", as: owner, ["name": "B"])
      #expect(second.status == 201)
      #expect(second.id != first.id)
      #expect(try await api.once("k", .post, "/subscription-keys", as: owner, ["name": "B"]).id == second.id)
      #expect(try await api.pruneAnswers() == 0)
      try await api.age(by: "24 hours")
      #expect(try await api.pruneAnswers() == 1)
      #expect(try await api.answers.isEmpty)
    }
  }
}

extension Answer {
  /// Whether it says that it had been given before.
  var isReplayed: Bool { headers[HTTPField.Name("Idempotent-Replayed")!] == "true" }
}

extension HTTPField.Name {
  static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
}

extension Harness {
  /// A call under an idempotency key.
  func once(
    _ key: String, _ method: HTTPRequest.Method, _ path: String, as caller: Caller?, _ json: JSONValue? = nil
  ) async throws -> Answer {
    try await send(method, path, as: caller, json, headers: [.idempotencyKey: key])
  }

  /// All that is kept, each row as one text.
  var answers: [String] {
    get async throws {
      try await database.all(
        Query<String>(
          "test.answers", "SELECT a::text || ' ' || encode(a.body, 'escape') FROM idempotent_answers a"))
    }
  }

  /// Lets time pass for what is kept.
  func age(by interval: String) async throws {
    try await database.execute(
      Query<Void>("test.age", "UPDATE idempotent_answers SET created_at = created_at - \(interval)::interval"))
  }

  func pruneAnswers() async throws -> Int64 {
    try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      try await pool.only(Query<Int64>("test.prune_answers", "SELECT prune_idempotent_answers()"))
    }
  }
}
