import Contract
import Testing

@testable import ConsoleWeb

/// What templates and words come to.
struct RenderingTests {
  @Test(arguments: [
    ("<script>", "&lt;script&gt;"), ("a \"b\" 'c' & d", "a &quot;b&quot; &#39;c&#39; &amp; d"),
    // With a combining accent behind it, each is another Character.
    ("\"\u{301} onfocus=x", "&quot;\u{301} onfocus=x"), ("<\u{338}b>\u{338}", "&lt;\u{338}b&gt;\u{338}"),
    ("'\u{20DD}&\u{FE0F}", "&#39;\u{20DD}&amp;\u{FE0F}"), ("\u{202E}naïve 密钥", "\u{202E}naïve 密钥"),
  ])
  func escapesEveryScalarThatMeansSomethingInHTML(text: String, escaped: String) throws {
    #expect(HTMLText().escapeText(text) == escaped)
    let pages = try PageLibrary([("Templates/x.mustache", "<p title=\"{{text}}\">{{text}}</p>")])
    #expect(pages.render("x", ["text": text], in: .english) == "<p title=\"\(escaped)\">\(escaped)</p>")
  }

  @Test func everyTemplateIsSaidInEveryLanguage() throws {
    _ = try PageLibrary()
    let keys = Language.allCases.map { Set(Words.of($0).texts.keys) }
    for other in keys { #expect(other.symmetricDifference(keys[0]) == []) }
  }

  @Test(arguments: Language.allCases)
  func everyProblemHasWords(language: Language) {
    for code in ProblemCode.allCases { #expect(Words.of(language).texts["problem.\(code.rawValue)"] != nil, "\(code)") }
  }

  @Test func aMissingWordIsAFaultOfTheBuild() {
    #expect(throws: Words.MissingWords.self) {
      try PageLibrary([("Templates/x.mustache", "[[no.such.word]]")])
    }
  }

  @Test(arguments: [
    (nil, Language.english), ("zh-CN,zh;q=0.9,en;q=0.8", .simplifiedChinese), ("en-GB, zh", .english),
    ("zh-TW, zh-Hant", .english), ("fr, zh;q=0.5, en;q=0.3", .simplifiedChinese), ("zh;q=0", .english),
    ("de", .english), ("zh-Hans-SG", .simplifiedChinese), ("zh-Hans-HK", .simplifiedChinese),
    ("zh-hans-mo, en;q=0.5", .simplifiedChinese), ("zh-Hant-CN", .english), ("zh-HK", .english),
    ("zh-cmn-Hans-HK", .simplifiedChinese), (";;,q=", .english),
  ])
  func speaksTheLanguageThatSuitsBest(header: String?, language: Language) {
    #expect(Language(accepting: header) == language)
  }

  @Test(arguments: [
    (nil, "/"), ("/subscription-keys?q=a", "/subscription-keys?q=a"), ("//evil.example", "/"),
    ("https://evil.example", "/"), ("/\\evil.example", "/"), ("/a\nb", "/"), ("/\tb", "/"), ("", "/"), ("/é", "/"),
  ])
  func leadsOnToOwnPagesOnly(path: String?, expected: String) {
    #expect(ConsoleWeb.ownPath(path) == expected)
  }
}
