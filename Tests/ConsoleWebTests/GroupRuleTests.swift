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
    let all = Array(1...230)
    func pages(_ query: [String: String]) -> StoredPages<Int> { StoredPages(all, TypedForm(query)) }
    func page(_ query: [String: String]) -> [String: any Sendable] {
      pages(query).page(at: "/a?b=c") { number, item in ["item": item, "number": number] }
    }
    #expect(pages([:]).items == all[..<50] && page([:])["previous"] == nil)
    #expect(page([:])["next"] as? String == "/a?b=c&from=50")
    #expect(pages(["from": "200"]).items == all[200...] && page(["from": "200"])["next"] == nil)
    #expect(page(["from": "200"])["previous"] as? String == "/a?b=c&until=200")
    #expect(pages(["until": "200"]).items == all[150..<200])
    #expect(pages(["until": "20"]).items == all[..<20] && page(["until": "20"])["isContinued"] as? Bool == false)
    for number in ["0", "230", "-1", "x", "99999999999999999999"] {
      #expect(pages(["from": number]).items.first == 1, "\(number)")
    }
    #expect(StoredPages([Int](), TypedForm(["from": "1"])).items.isEmpty)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (33_554_432, "33,554,432")])
  func marksEachThreeDigits(number: Int, text: String) {
    #expect(Words.of(.english).number(number) == text)
  }

  @Test func goesOnBehindWhatAShorterPageShows() throws {
    let pages = StoredPages(Array(1...230), TypedForm(["from": "50"]))
    let whole = pages.page(at: "/a") { _, item in ["item": item] }
    let shorter = try #require((whole[Shortening.key] as? Shortening)?.shortened(whole, of: 2 * Shortening.maximum))
    let rows = try #require(shorter["items"] as? [[String: any Sendable]])
    #expect((15..<25).contains(rows.count) && rows.first?["item"] as? Int == 51)
    #expect(shorter["next"] as? String == "/a?from=\(50 + rows.count)")
    // Who goes back finds first what comes just before.
    let back = StoredPages(Array(1...230), TypedForm(["until": "200"])).page(at: "/a") { _, item in ["item": item] }
    let less = try #require((back[Shortening.key] as? Shortening)?.shortened(back, of: 2 * Shortening.maximum))
    let last = try #require(less["items"] as? [[String: any Sendable]])
    #expect(last.last?["item"] as? Int == 200 && less["next"] as? String == "/a?from=200")
    #expect(less["previous"] as? String == "/a?until=\(200 - last.count)")
  }

  @Test func groupsWhatWasSkippedByItsReason() throws {
    let skipped = (1...12).map { APIImport.Skipped(operation: "TRACE /\($0)", reason: "there is no such method here") }
    let report = ImportReport(
      importedAt: Date(timeIntervalSince1970: 0), unchanged: 0, created: [], changed: [],
      skipped: skipped + [APIImport.Skipped(operation: "GET /a", reason: "takes the same calls as GET /b")])
    let page = ImportReportPage(report, .of(.english), at: "/r")
    let reasons = try #require(page.page(TypedForm())["reasons"] as? [[String: any Sendable]])
    let said = ["There is no such method here.", "Takes the same calls as GET /b."]
    #expect(reasons.map { $0["reason"] as? String } == said)
    #expect(reasons.map { $0["count"] as? Int } == [12, 1])
    #expect((reasons[0]["operations"] as? [String])?.count == 10)
    let all = try #require(reasons[0]["all"] as? [String: any Sendable])
    #expect(all["label"] as? String == "Show all 12" && all["href"] as? String == "/r?reason=0")
    #expect(reasons[1]["all"] == nil)
    let lines = try #require(page.page(TypedForm(["reason": "0"]))["lines"] as? [[String: any Sendable]])
    #expect(lines.map { $0["call"] as? String } == (1...12).map { "TRACE /\($0)" })
    #expect(page.page(TypedForm(["reason": "2"]))["isPart"] == nil)
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
