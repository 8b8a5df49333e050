import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// What is entered for an authorization, from step to step.
struct AuthorizationEntryTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)
  private static let group = "\(ID<APIGroup>(bits: 1))"
  private static let key = "\(ID<SubscriptionKey>(bits: 2))"

  @Test func beginsWithWhatItsAddressNames() {
    let entry = AuthorizationEntry(
      TypedForm(["subscriptionId": " \(Self.key)\n", "groupId": Self.group, "environment": "online"]))
    #expect(!entry.isOwn)
    #expect(entry.keyText == Self.key)
    #expect(entry.targets == [EnteredTarget(group: Self.group, environment: "online")])
  }

  @Test func losesNothingBetweenSteps() throws {
    let typed = [
      "subscriptionId": Self.key, "whose": "other", "expiresAt": "2030-01-01T00:00", "description": "a & b=c\nd 密钥",
      "target/\(Self.group)/test": "on", "target/\(Self.group)/online": "on", "keySearch": "x", "formToken": "secret",
      "step": "search", "ownKey": "\(ID<SubscriptionKey>(bits: 3))",
    ]
    let address = AuthorizationEntry(TypedForm(typed)).address("/authorizations/new")
    #expect(!address.contains("secret"))
    let query = try #require(URLComponents(string: "http://a" + address)?.queryItems)
    let again = AuthorizationEntry(
      TypedForm(Dictionary(query.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })))
    for (name, value) in typed where name != "formToken" && name != "step" { #expect(again.typed[name] == value) }
    #expect(again.targets.count == 2)
  }

  @Test(arguments: [
    (["whose": "other", "ownKey": "k"], false), (["ownKey": "k"], true),
    (["whose": "own", "subscriptionId": "s", "step": "search"], false),
    (["whose": "other", "ownKey": "k", "subscriptionId": "s"], false),
    (["whose": "own", "ownKey": "k", "subscriptionId": "s", "step": "create"], true),
    (["whose": "other", "subscriptionId": "s", "step": "keys"], true), ([:], false),
  ])
  func takesTheKeyThatWasMeant(typed: [String: String], isOwn: Bool) {
    #expect(AuthorizationEntry(TypedForm(typed)).isOwn == isOwn)
  }

  @Test(arguments: [
    (["keySearch": "x"], AuthorizationEntry.Step.keys), (["keySearch": "x", "subscriptionId": "s"], .keys),
    (["keySearch": "x", "lookedFor": "x"], .create), (["groupSearch": "x"], .groups),
    (["groupSearch": "x", "groupsLookedFor": "x"], .create), (["subscriptionId": "s"], .search),
    (["subscriptionId": "s", "seen": "s"], .create), (["subscriptionId": "s", "whose": "own"], .create), ([:], .create),
  ])
  func enterDoesWhatTheFieldsWant(typed: [String: String], step: AuthorizationEntry.Step) {
    #expect(AuthorizationEntry(TypedForm(typed.merging(["step": "enter"]) { $1 })).step == step)
  }

  @Test func doesNotGuessBetweenTwoKeys() {
    #expect(AuthorizationEntry(TypedForm(["whose": "other", "ownKey": "k"])).isAmbiguous)
    #expect(!AuthorizationEntry(TypedForm(["whose": "own", "ownKey": "k"])).isAmbiguous)
    #expect(!AuthorizationEntry(TypedForm(["whose": "other", "ownKey": "k", "subscriptionId": "s"])).isAmbiguous)
  }

  @Test(arguments: [
    ("/authorizations/new?a=b", "/authorizations/new?a=b"), ("/accounts", nil), ("//evil.example", nil), (nil, nil),
    ("/authorizations/\\evil", nil), ("https://evil.example/authorizations/new", nil),
  ])
  func leadsBackToAnAuthorizationOnly(text: String?, path: String?) {
    #expect(WayBack.path(text) == path)
  }

  @Test func asksWhoseKeyItIsBeforeItIsAuthorized() {
    func entry(_ typed: [String: String]) -> AuthorizationEntry { AuthorizationEntry(TypedForm(typed)) }
    #expect(!entry(["subscriptionId": "a"]).hasSeenOwner)
    #expect(!entry(["subscriptionId": "a", "seen": "b"]).hasSeenOwner)
    #expect(entry(["subscriptionId": "a", "seen": "a"]).hasSeenOwner)
    #expect(entry(["ownKey": "a"]).hasSeenOwner)
  }

  @Test func complainsOfWhatIsMissing() throws {
    let error = try #require(throws: InvalidInput.self) {
      _ = try AuthorizationEntry(TypedForm(["expiresAt": "2001-01-01T00:00"])).draft(now: Self.now)
    }
    #expect(Set(error.complaints.map(\.pointer)) == ["/subscriptionId", "/targets", "/expiresAt"])
  }

  @Test func sendsAnUpdateWhatHasChangedAlone() throws {
    let target = Authorization.Target(group: ID(bits: 1), groupName: DisplayName("Pets")!, environment: .test)
    let owner = FoundSubscription.Owner(name: DisplayName("Globex")!, slug: Slug("globex")!)
    let authorization = Authorization(
      id: .random(), subscription: FoundSubscription(id: ID(bits: 2), name: DisplayName("Key")!, tenant: owner),
      targets: [target], description: Remark("Text"), expiresAt: Self.now - 60, limitPolicy: nil,
      state: .expired, createdAt: Self.now,
      updatedAt: Self.now)
    var entry = AuthorizationEntry(changing: authorization)
    var changes = try entry.changes(of: authorization, now: Self.now)
    #expect(changes.targets == nil && !changes.description.isChange && !changes.expiresAt.isChange)
    entry.typed["description"] = ""
    entry.typed[AuthorizationEntry.name(ID(bits: 1), .online)] = "on"
    changes = try entry.changes(of: authorization, now: Self.now)
    #expect(changes.targets?.map(\.environment) == [.online, .test])
    #expect(changes.description.isChange && changes.description.value == nil && !changes.expiresAt.isChange)
  }
}
