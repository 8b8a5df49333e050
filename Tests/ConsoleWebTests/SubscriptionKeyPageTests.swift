import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// What pages say of keys and their secrets.
struct SubscriptionKeyPageTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)

  @Test(arguments: [
    (nil, nil, SubscriptionKey.Secret.Use.never), (60, nil, .inUse), (86_399, nil, .inUse), (86_400, nil, .quiet),
    (60, -1, .ended), (60, 1, .inUse),
  ])
  func tellsWhetherASecretIsInUse(used: Double?, ends: Double?, use: SubscriptionKey.Secret.Use) {
    let secret = SubscriptionKey.Secret(
      id: .random(), prefix: "lk_00000", createdAt: Self.now - 1_000_000,
      expiresAt: ends.map { Self.now + $0 }, lastUsedAt: used.map { Self.now - $0 })
    #expect(secret.use(at: Self.now) == use)
  }

  @Test(arguments: [
    (119, "a moment"), (120, "2 minutes"), (7_199, "119 minutes"), (7_200, "2 hours"), (172_799, "47 hours"),
    (172_800, "2 days"), (86_400 * 29.5, "29 days"),
  ])
  func saysTimesInTheLargestUnitOfWhichThereAreTwo(seconds: Double, words: String) {
    let english = Words.of(.english)
    #expect(english.ago(Self.now - seconds, now: Self.now) == "\(words) ago")
    #expect(english.ahead(Self.now + seconds, now: Self.now) == "in \(words)")
  }

  @Test func saysAMomentWithoutItsSeconds() {
    #expect(Words.moment(Self.now + 0.5) == "2023-11-14 22:13 UTC")
    #expect(FormField.local(Self.now) == "2023-11-14T22:13:20")
    #expect(FormField.local(Self.now - 20) == "2023-11-14T22:13")
  }

  @Test func showsEachTimeToWhoHasNoScriptsToo() {
    let members =
      ["createdAt": "2023-11-14T22:13:20.123456Z", "at": "2023-11-14T22:13:20Z", "sentAt": "never"]
      as [String: any Sendable]
    #expect(members.withTimes["createdAtText"] as? String == "2023-11-14 22:13 UTC")
    #expect(members.withTimes.count == 4)
  }

  @Test func givesACallThatCanBePasted() {
    let gateway = GatewayURL(shown: "https://api.example", dialled: "http://127.0.0.1:1")
    let secret = SecretValue.random()
    #expect(
      CallCommand(secret: secret, address: nil, gateway: gateway).text
        == "curl 'https://api.example/PROVIDER/ENVIRONMENT/GROUP/PATH' "
        + "-H 'jdcloud-apim-subscription-key: \(secret.revealed)'")
    #expect(
      CallCommand(secret: secret, address: "https://a'$(x)", gateway: gateway).text.hasPrefix(
        "curl 'https://a'\\''$(x)/PATH' "))
  }

  @Test func putsValuesIntoWordsOnce() {
    let words = Words(parsing: "a = {x} and {y}, {z}")
    #expect(words["a", ["x": "{y}", "y": "2"]] == "{y} and 2, {z}")
  }

  @Test func sendsAnUpdateWhatHasChangedAlone() throws {
    let form = Form(
      fields: [
        FormField(name: "name", kind: .text, word: "key.name", isRequired: true),
        FormField(name: "description", kind: .area, word: "key.description"),
        FormField(name: "expiresAt", kind: .time, word: "key.expiresAt"),
        FormField(name: "providers", kind: .list, word: "key.providers"),
      ], shape: SubscriptionKey.Changes.shape, submit: "key.edit.submit")
    let present = TypedForm([
      "name": "A", "description": "Text", "expiresAt": "2001-01-01T00:00", "providers": "acme\nother",
    ])
    let typed = TypedForm(["name": "B", "description": "", "expiresAt": "2001-01-01T00:00", "providers": "acme"])
    let changes = try form.value(of: typed, changing: present, now: Self.now)
    #expect(changes.name?.description == "B")
    guard case .clear = changes.description, case .keep = changes.expiresAt, case .set(let slugs) = changes.providers
    else {
      Issue.record("\(changes)")
      return
    }
    #expect(slugs.map(\.description) == ["acme"])
    let error = try #require(throws: InvalidInput.self) {
      _ = try form.value(of: TypedForm(["name": ""]), changing: present, now: Self.now)
    }
    #expect(error.complaints.map(\.pointer) == ["/name"])
  }
}
