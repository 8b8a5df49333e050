import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// Rules of the groups' pages.
struct GroupRuleTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)

  @Test(arguments: [
    ([:], "open"), (["accessMode/observe": "true"], "open"), (["accessMode": "required"], "required"),
    (["accessMode": "required", "accessMode/observe": "true"], "observe"), (["accessMode": "observe"], "observe"),
    (["accessMode": "open"], "open"),
  ])
  func aSwitchAndItsSecondOneAreAMode(typed: [String: String], mode: String) {
    #expect(FormField.accessMode(TypedForm(typed), "accessMode") == mode)
  }

  @Test(arguments: [
    (AccessMode.open, AccessMode.observe, false), (.open, .required, true), (.required, .open, true),
    (.required, .observe, true), (.observe, .required, true), (.observe, .open, true), (.required, .required, false),
  ])
  func asksWhereSomebodyNotices(before: AccessMode, after: AccessMode, isNoticed: Bool) {
    #expect(before.isNoticed(turning: after) == isNoticed)
  }

  @Test(arguments: [("0.0.1", "0.0.2"), ("1.2.9", "1.2.10"), ("0.0.999999", nil)])
  func offersTheNextVersion(version: String, next: String?) throws {
    #expect(try #require(RevisionVersion(version)).next == next)
  }

  @Test func readsHeadersLineByLine() throws {
    let field = FormField(name: "headers", kind: .headers, word: "release.secretHeaders")
    let object = FormField(name: "headers", kind: .headerObject, word: "release.mockHeaders")
    let typed = TypedForm(["headers": " X-Key :  a: b \n\nAuthorization: Bearer c\nbad"])
    #expect(
      field.json(typed) == [
        ["name": "X-Key", "value": "a: b"], ["name": "Authorization", "value": "Bearer c"],
        ["name": "bad", "value": ""],
      ])
    #expect(object.json(typed) == ["X-Key": "a: b", "Authorization": "Bearer c", "bad": ""])
    #expect(field.json(TypedForm()) == nil)
    #expect(object.json(TypedForm()) == [:])
    #expect(field.part(at: "/headers/1/value", of: typed) == "Authorization")
  }

  @Test func saysWhichOfSeveralIsWrong() throws {
    let form = Form(
      fields: [FormField(name: "keyHeaders", kind: .list, word: "group.keyHeaders", whenEmpty: .cleared)],
      shape: APIGroup.Changes.shape, submit: "group.save")
    let typed = TypedForm(["keyHeaders": "X-Api-Key\nHost"])
    let error = try #require(throws: InvalidInput.self) { _ = try form.value(of: typed, now: Self.now) }
    let page = form.page(typed, complaints: error.complaints, words: .of(.english))
    let complaint = (page["fields"] as? [[String: any Sendable]])?.first?["complaint"] as? String
    #expect(complaint?.hasPrefix("“Host”: ") == true)
    let cleared = try form.value(of: TypedForm(["keyHeaders": " "]), now: Self.now)
    guard case .clear = cleared.keyHeaders else { return #expect(Bool(false)) }
  }

  @Test func goesThroughLongListsPageByPage() {
    let all = Array(1...250)
    #expect(NumberedPages(all, number: nil).items.first == 1)
    #expect(NumberedPages(all, number: "5").items == all[200...])
    #expect(NumberedPages(all, number: "2").page(at: "/a?b=c")["next"] as? String == "/a?b=c&page=3")
    #expect(NumberedPages(all, number: "5").page(at: "/a")["next"] == nil)
    for number in ["0", "6", "-1", "x", "99999999999999999999"] {
      #expect(NumberedPages(all, number: number).items.first == 1, "\(number)")
    }
    #expect(NumberedPages([Int](), number: "1").items.isEmpty)
  }

  @Test func groupsWhatWasSkippedByItsReason() throws {
    let skipped = (1...12).map { APIImport.Skipped(operation: "TRACE /\($0)", reason: "there is no such method here") }
    let outcome = APIImport.Outcome(
      created: 0, updated: 0,
      skipped: skipped + [APIImport.Skipped(operation: "GET /a", reason: "takes the same calls as GET /b")])
    let reasons = try #require(
      ImportReport(outcome, .of(.english)).page["reasons"] as? [[String: any Sendable]])
    let said = ["There is no such method here.", "Takes the same calls as GET /b."]
    #expect(reasons.map { $0["reason"] as? String } == said)
    #expect(reasons.map { $0["count"] as? Int } == [12, 1])
    #expect((reasons[0]["operations"] as? [String])?.count == 10)
    #expect(reasons[0]["rest"] as? String == "… and 2 more")
  }

  @Test(arguments: Language.allCases)
  func everyReasonForSkippingHasWords(language: Language) {
    let reasons = [
      "its operations are no object", "what $ref refers to is not looked up", "there is no such method here",
      "it is no object", "the path has a query or fragment, by which no call is told apart here",
      "a parameter must be a whole segment, as in /{name}, its name of letters, digits, - and _",
    ]
    for reason in reasons { #expect(Words.of(language).texts["document.reason." + reason] != nil, "\(reason)") }
  }

  @Test(arguments: Language.allCases)
  func everyRuleOfAGroupsFieldsHasWords(language: Language) {
    let rules = [
      KeyHeaderName.constraint, APIPath.constraint, RevisionVersion.constraint, BackendURL.constraint,
      CORSOrigin.constraint, CORSMethod.constraint, CORSHeader.constraint, BackendHeaderName.constraint,
      BackendHeaderValue.constraint,
    ]
    for rule in rules {
      #expect(Words.of(language).texts["complaint." + rule.requirement] != nil, "\(rule.requirement)")
    }
  }
}
