import Contract
import Model
import Testing

@testable import ConsoleWeb

/// What an event changed, as a table.
struct AuditChangeTests {
  @Test func tellsBeforeFromAfter() {
    let change = AuditChange(["before": ["name": "a", "state": "active"], "after": ["name": "b", "state": "active"]])
    #expect(change.hasBefore && change.hasAfter)
    #expect(change.rows.map(\.isChanged) == [true, false])
  }

  @Test func showsOneSideOfWhatWasMadeOrDeleted() {
    let created = AuditChange(["after": ["name": "a"]])
    #expect(!created.hasBefore && created.hasAfter && created.rows.map(\.isChanged) == [false])
    let deleted = AuditChange(["before": ["name": "a"]])
    #expect(deleted.hasBefore && !deleted.hasAfter)
    #expect(AuditChange(.null).rows.isEmpty)
  }

  @Test(arguments: Language.allCases)
  func saysEachActionThatItsFilterOffers(language: Language) {
    let words = Words.of(language)
    for (kind, verbs) in AuditActions.all {
      #expect(words.texts["audit.kind.\(kind)"] != nil, "\(kind)")
      for verb in verbs { #expect(!words.auditAction("\(kind).\(verb)").contains("."), "\(kind).\(verb)") }
    }
    #expect(words.auditAction("unheard.of") == "unheard.of")
  }

  @Test func keepsAFilterThatIsNoneOfThoseOffered() {
    let groups = Words.of(.english).auditActions(chosen: "tenant.purged")
    let choices = groups.last?["choices"] as? [[String: any Sendable]]
    #expect(choices?.first?["value"] as? String == "tenant.purged")
    #expect(choices?.first?["selected"] as? Bool == true)
  }
}
