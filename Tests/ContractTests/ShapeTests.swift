import Contract
import FoundationEssentials
import Model
import Testing

struct ShapeTests {
  private let now = Date(timeIntervalSince1970: 1_800_000_000)

  @Test func readsWhatItWrote() throws {
    let key = SubscriptionKey(
      id: .random(), name: try #require(DisplayName("Key")), description: nil, state: .disabled, expiresAt: now,
      providers: [try #require(Slug("acme"))], createdBy: .random(), createdAt: now, updatedAt: now, deletedAt: now,
      isCompromised: true,
      secrets: [.init(id: .random(), prefix: "lk_abcde", createdAt: now, expiresAt: now, lastUsedAt: nil)])
    let json = SubscriptionKey.shape.json(key)
    #expect(json["description"] == .null)
    #expect(try SubscriptionKey.shape.value(of: json, now: now) == key)
  }

  /// Clients ignore members that they don't know; requests refuse them.
  @Test func ignoresUnknownMembersOfAnswersOnly() throws {
    let tenant = FoundSubscription.Owner(name: try #require(DisplayName("A")), slug: try #require(Slug("a")))
    guard case .object(let members) = FoundSubscription.Owner.shape.json(tenant) else { return }
    let more = JSONValue.object(members + [.init("later", 1)])
    #expect(try FoundSubscription.Owner.shape.value(of: more, now: now) == tenant)
    let error = #expect(throws: InvalidInput.self) {
      try Tenant.Changes.shape.value(of: ["name": "A", "later": 1], now: now)
    }
    #expect(error?.complaints.map(\.pointer) == ["/later"])
  }

  @Test func tellsKeepingFromClearing() throws {
    func description(_ json: JSONValue) throws -> Change<Remark> {
      try SubscriptionKey.Changes.shape.value(of: json, now: now).description
    }
    guard case .keep = try description([:]) else { throw Wrong() }
    guard case .clear = try description(["description": .null]) else { throw Wrong() }
    guard case .set(let remark) = try description(["description": "A"]) else { throw Wrong() }
    #expect(remark.description == "A")
    let changes = SubscriptionKey.Changes(
      name: nil, description: .clear, expiresAt: .keep, providers: .keep, state: .active)
    #expect(SubscriptionKey.Changes.shape.json(changes) == ["description": .null, "state": "active"])
  }

  @Test(arguments: [(-1.0, false), (0, false), (0.001, true)])
  func expiresInTheFuture(seconds: Double, isAccepted: Bool) {
    let json: JSONValue = ["name": "A", "expiresAt": .string(RFC3339.string(now.addingTimeInterval(seconds)))]
    let draft = try? SubscriptionKey.Draft.shape.value(of: json, now: now)
    #expect((draft != nil) == isAccepted)
  }

  @Test func pointsIntoNestedMembers() {
    let json: JSONValue = [
      "name": "A", "slug": "a", "owner": ["email": "x", "name": 1, "password": "short", "a/b~": 1],
    ]
    let error = #expect(throws: InvalidInput.self) { try Tenant.Draft.shape.value(of: json, now: now) }
    #expect(
      error?.complaints.map(\.pointer) == ["/owner/a~1b~0", "/owner/email", "/owner/name", "/owner/password"])
  }

  @Test func writesSecretsOnlyWhereTheyAreShown() throws {
    let value = SecretValue.random()
    let secret = SubscriptionKey.Secret(
      id: .random(), prefix: value.prefix, createdAt: now, expiresAt: nil, lastUsedAt: nil)
    let issued = SubscriptionKey.IssuedSecret(secret: secret, value: value)
    #expect(SubscriptionKey.IssuedSecret.shape.json(issued)["value"] == .string(value.revealed))
    #expect(SubscriptionKey.Secret.shape.json(secret)["value"] == nil)
    let again = try SubscriptionKey.IssuedSecret.shape.value(
      of: SubscriptionKey.IssuedSecret.shape.json(issued), now: now)
    #expect(again.value?.revealed == value.revealed)
  }

  @Test func namesEachProblemOnce() {
    #expect(Set(ProblemCode.allCases.map(\.rawValue)).count == ProblemCode.allCases.count)
    for code in ProblemCode.allCases {
      #expect((400...599).contains(code.status))
      #expect(
        code.rawValue.utf8.allSatisfy {
          $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        })
    }
  }
}

private struct Wrong: Error {}
