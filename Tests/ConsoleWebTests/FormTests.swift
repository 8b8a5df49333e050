import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// Forms fill the JSON API's requests.
struct FormTests {
  private static let form = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "key.name", isRequired: true),
      FormField(name: "expiresAt", kind: .time, word: "key.expiresAt"),
      FormField(name: "providers", kind: .list, word: "key.providers"),
    ], shape: SubscriptionKey.Draft.shape, submit: "key.create")

  private static let now = Date(timeIntervalSince1970: 1_700_000_000)

  @Test func readsWhatWasTyped() throws {
    let typed = TypedForm(["name": "Weather", "expiresAt": "2030-01-02T03:04", "providers": "acme, other\nthird"])
    let draft = try Self.form.value(of: typed, now: Self.now)
    #expect(draft.expiresAt == Date(timeIntervalSince1970: 1_893_553_440))
    #expect(draft.providers?.map(\.description) == ["acme", "other", "third"])
  }

  @Test func leavesOutWhatIsEmpty() throws {
    let draft = try Self.form.value(
      of: TypedForm(["name": "Weather", "expiresAt": "", "providers": " "]), now: Self.now)
    #expect(draft.expiresAt == nil)
    #expect(draft.providers == nil)
  }

  @Test func complainsBesideTheFieldAndKeepsWhatWasTyped() throws {
    let typed = TypedForm(["name": "", "expiresAt": "2001-01-01T00:00"])
    let error = try #require(throws: InvalidInput.self) { _ = try Self.form.value(of: typed, now: Self.now) }
    let page = Self.form.page(typed, complaints: error.complaints, words: .of(.english))
    let fields = try #require(page["fields"] as? [[String: any Sendable]])
    #expect(fields.map { $0["complaint"] as? String != nil } == [true, true, false])
    #expect(fields.map { $0["autofocus"] as? Bool } == [true, false, false])
    #expect(fields[1]["value"] as? String == "2001-01-01T00:00")
  }

  @Test func fillsMembersOfMembers() throws {
    let form = Form(
      fields: ["name", "slug", "owner/name", "owner/email", "owner/password"].map {
        FormField(name: $0, kind: .text, word: $0, isRequired: true)
      }, shape: Tenant.Draft.shape, submit: "signUp.submit")
    let typed = TypedForm([
      "name": "Acme", "slug": "acme", "owner/name": "Ann", "owner/email": "ann@acme.example",
      "owner/password": "a long enough password",
    ])
    let draft = try form.value(of: typed, now: Self.now)
    #expect("\(draft.owner.email)" == "ann@acme.example")
  }

  @Test func aFormTokenIsOfOneCookie() {
    let token = FormToken(of: "ses_a")
    #expect(token.matches(FormToken(of: "ses_a").text))
    #expect(!token.matches(FormToken(of: "ses_b").text))
    // Not by chance either, nor where it is otherwise in one place alone, whichever.
    #expect((0..<5_000).allSatisfy { !token.matches(FormToken(of: "ses_\($0)").text) })
    for place in token.text.indices {
      var given = token.text
      given.replaceSubrange(place...place, with: given[place] == "0" ? "1" : "0")
      #expect(!token.matches(given))
    }
    #expect(!token.matches("") && !token.matches(token.text + "0"))
    #expect(!token.text.contains("ses_a"))
  }
}
