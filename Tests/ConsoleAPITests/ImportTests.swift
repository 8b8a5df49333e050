import Contract
import HTTPTypes
import Model
import Postgres
import Sealing
import TestPostgres
import Testing

/// Values that a provider brings along (threats, row 29).
@Suite(.latchkey, .serialized)
struct ImportTests {
  private static let value = "legacy-key-0123456789"

  private static func sealer(_ versions: UInt8...) throws -> Sealer {
    let keys = try versions.map { version in
      try #require(SealingKey(version: UInt32(version), bytes: [UInt8](repeating: version, count: 32)))
    }
    return Sealer(try #require(SealingKeyRing(keys)))
  }

  private static func run(_ body: @escaping @Sendable (Harness) async throws -> Void) async throws {
    try await Harness.run(sealer: try sealer(1), body)
  }

  private static func draft(_ value: String = value, name: String = "Key") -> JSONValue {
    ["name": .string(name), "value": .string(value)]
  }

  @Test func createsAKeyOfAGivenValueAndDoesNotShowIt() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      let created = try await api.send(.post, "/subscription-keys", as: owner, Self.draft())
      #expect(created.status == 201)
      #expect(created["secrets"]?.elements?.first?["prefix"]?.text == "lega")
      #expect(created["secrets"]?.elements?.first?["value"] == nil)
      #expect(!created.text.contains(Self.value))
      let digests = try await api.database.all(
        Query<[UInt8]>("test.digests", "SELECT digest FROM subscription_secrets"))
      let keys = try #require(try Self.sealer(1).importedValueKeys)
      let value = try #require(ImportedValue(Self.value))
      #expect(digests == [keys.newest.digest(of: value, for: owner.tenant).bytes])
      let rotated = try await api.send(.post, "/subscription-keys/\(created.id)/secrets", as: owner)
      #expect(rotated.status == 201)
    }
  }

  @Test func aValueIsUniqueWithinItsTenantOnly() async throws {
    try await Self.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let first = try await api.send(.post, "/subscription-keys", as: acme, Self.draft())
      #expect(first.status == 201)
      let again = try await api.send(.post, "/subscription-keys", as: acme, Self.draft())
      #expect(again.status == 409)
      #expect(again.code == "value_taken")
      #expect(again.pointers == ["/value"])
      #expect(try await api.send(.get, "/subscription-keys", as: acme).items.count == 1)
      // Another tenant has it too, and learns nothing.
      #expect(try await api.send(.post, "/subscription-keys", as: globex, Self.draft()).status == 201)
      // A deleted key may be restored, and so keeps its value.
      #expect(try await api.send(.delete, "/subscription-keys/\(first.id)", as: acme).status == 204)
      #expect(try await api.send(.post, "/subscription-keys", as: acme, Self.draft()).code == "value_taken")
    }
  }

  @Test(arguments: ["short", "lk_0123456789012345678901234567890", "legacy-key-01234567,9", "legacy key 0123456789"])
  func refusesWhatIsNoValue(value: String) async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      let answer = try await api.send(.post, "/subscription-keys", as: owner, Self.draft(value))
      #expect(answer.status == 422)
      #expect(answer.pointers == ["/value"])
      #expect(!answer.text.contains(value))
    }
  }

  @Test func importsManyAndSaysWhichItRefuses() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      #expect(
        try await api.send(.post, "/subscription-keys", as: owner, Self.draft("taken-0123456789-0123")).status == 201)
      let items: [JSONValue] = [
        [
          "name": "One", "value": "one-0123456789-012345", "description": "First",
          "expiresAt": "2099-01-02T03:04:05.000006Z",
        ],
        ["name": "", "value": "x", "later": 1], ["name": "Taken", "value": "taken-0123456789-0123"],
        ["name": "Two", "value": "two-0123456789-012345"], ["name": "Again", "value": "one-0123456789-012345"], "text",
      ]
      var imported = Answer?.none
      let wakes = try await api.wakes {
        imported = try await api.send(.post, "/subscription-keys/import", as: owner, ["items": .array(items)])
      }
      let answer = try #require(imported)
      #expect(answer.status == 200)
      #expect(wakes == 1)
      let created = answer["created"]?.elements ?? []
      #expect(created.map { $0["index"] } == [0, 3])
      let refused = answer["refused"]?.elements ?? []
      #expect(refused.map { $0["index"] } == [1, 2, 4, 5])
      #expect(refused.map { $0["reason"]?.text } == ["invalid", "taken", "repeated", "invalid"])
      #expect(
        refused.map { $0["errors"]?.elements?.compactMap { $0["pointer"]?.text } } == [
          ["/items/1/later", "/items/1/name", "/items/1/value"], ["/items/2/value"], ["/items/4/value"], ["/items/5"],
        ])
      #expect(!answer.text.contains("0123456789"))
      let one = try await api.send(.get, "/subscription-keys/\(created[0]["id"]?.text ?? "")", as: owner)
      #expect(one["name"]?.text == "One" && one["description"]?.text == "First")
      #expect(one["expiresAt"]?.text == "2099-01-02T03:04:05.000006Z")
      #expect(one["createdBy"]?.text == owner.account.description)
      #expect(one["secrets"]?.elements?.first?["id"] == created[0]["secretId"])
      let two = try await api.send(.get, "/subscription-keys/\(created[1]["id"]?.text ?? "")", as: owner)
      #expect(two["description"] == .null && two["expiresAt"] == .null && two["state"]?.text == "active")
      #expect(try await api.send(.get, "/subscription-keys", as: owner).items.count == 3)
    }
  }

  @Test func importsAThousandAtOnce() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      let items = (0..<1_001).map { Self.draft("value-\($0)-0123456789012345", name: "Key \($0)") }
      let many = try await api.send(.post, "/subscription-keys/import", as: owner, ["items": .array(items)])
      #expect(many.pointers == ["/items"])
      let answer = try await api.send(
        .post, "/subscription-keys/import", as: owner, ["items": .array(Array(items.dropLast()))])
      #expect(answer.status == 200)
      #expect(answer["created"]?.elements?.count == 1_000)
      #expect(answer["refused"] == [])
      #expect(
        try await api.send(.post, "/subscription-keys/import", as: owner, ["items": []]).pointers == ["/items"])
    }
  }

  @Test func oneOfTwoImportsAtOnceGetsAValue() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      let items = (0..<40).map { Self.draft("value-\($0)-0123456789012345") }
      let created = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for number in 0..<6 {
          let body: JSONValue = ["items": .array(number.isMultiple(of: 2) ? items : items.reversed())]
          tasks.addTask {
            try await api.send(.post, "/subscription-keys/import", as: owner, body)["created"]?.elements?.count ?? -1
          }
        }
        return try await tasks.reduce(0, +)
      }
      #expect(created == 40)
      #expect(try await api.send(.get, "/subscription-keys?limit=200", as: owner).items.count == 40)
    }
  }

  @Test func letsDevelopersImport() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      for (role, status) in [(Role.viewer, 403), (.developer, 200), (.admin, 200)] {
        let caller = try await api.account(role, besides: owner)
        let items: JSONValue = ["items": [Self.draft("value-of-\(role)-0123456789")]]
        #expect(try await api.send(.post, "/subscription-keys/import", as: caller, items).status == status)
      }
    }
  }

  @Test func needsAnInstallationKey() async throws {
    try await Harness.run(sealer: nil) { api in
      let owner = try await api.owner(of: "acme")
      let answers = [
        try await api.send(.post, "/subscription-keys", as: owner, Self.draft()),
        try await api.send(.post, "/subscription-keys/import", as: owner, ["items": [Self.draft()]]),
      ]
      for answer in answers {
        #expect(answer.status == 409)
        #expect(answer.code == "no_sealing_key")
      }
      #expect(try await api.send(.get, "/subscription-keys", as: owner).items.isEmpty)
    }
  }

  @Test func knowsAValueUnderAnEarlierKey() async throws {
    try await Self.run { api in
      let owner = try await api.owner(of: "acme")
      #expect(try await api.send(.post, "/subscription-keys", as: owner, Self.draft()).status == 201)
    }
    try await Harness.run(sealer: try Self.sealer(2, 1)) { api in
      let session = try await api.send(
        .post, "/sessions", as: nil,
        ["tenant": "acme", "email": "owner@acme.example", "password": .string(Harness.password)])
      let owner = try #require(Caller(session))
      #expect(try await api.send(.post, "/subscription-keys", as: owner, Self.draft()).code == "value_taken")
      let answer = try await api.send(
        .post, "/subscription-keys/import", as: owner, ["items": [Self.draft(), Self.draft("new-0123456789-012345")]])
      #expect(answer["refused"]?.elements?.map { $0["reason"]?.text } == ["taken"])
      #expect(answer["created"]?.elements?.map { $0["index"] } == [1])
    }
  }
}
