import Model
import Testing

@testable import ConsoleWeb

/// What the console explains, in the reader's language.
struct ExplainedWordsTests {
  @Test(arguments: Language.allCases)
  func everyRuleAndResultHasWords(language: Language) {
    let texts = Words.of(language).texts
    for rule in Explanation.Rule.allCases {
      #expect(texts["explain.rule.\(rule.rawValue)"] != nil)
      #expect(rule == .cors || texts["explain.mend.\(rule.rawValue)"] != nil, "\(rule)")
    }
    for result in Explanation.Result.allCases { #expect(texts["explain.result.\(result.rawValue)"] != nil) }
    for role in Role.allCases { #expect(texts["role.\(role.rawValue)"] != nil) }
  }

  @Test(arguments: [
    ("The key is disabled.", "密钥已停用。"), ("Until 2030-01-01T00:00:00Z.", "有效期至 2030-01-01T00:00:00Z。"),
    ("The live revision has this path with GET, PUT only.", "在线版本中此路径只支持 GET, PUT。"), ("Unheard of.", "Unheard of."),
    ("A limit is used up until 2030-01-01T00:00:00Z.", "限额已用完，2030-01-01T00:00:00Z 恢复。"),
  ])
  func saysDetailsInTheReadersLanguage(detail: String, said: String) {
    #expect(Words.of(.simplifiedChinese).explained(detail) == said)
  }

  @Test func putsValuesIntoWords() {
    let words = Words(parsing: "x = {count} of {role}, {count} times")
    #expect(words["x", ["count": "2", "role": "Owner"]] == "2 of Owner, 2 times")
  }
}
