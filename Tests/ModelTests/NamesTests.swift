import Testing

@testable import Model

@Suite struct NamesTests {
  @Test(arguments: ["a", "0", "acme", "a-b", "a--b", String(repeating: "a", count: 63)])
  func acceptsSlugs(text: String) {
    #expect(Slug(text)?.description == text)
  }

  @Test(arguments: [
    "", "-", "-a", "a-", "A", "a_b", "a.b", "a b", "é", "a/b", String(repeating: "a", count: 64), "a\n", "ａ",
  ])
  func refusesOtherSlugs(text: String) {
    #expect(Slug(text) == nil)
  }

  @Test(
    arguments: [
      ("/", []), ("/a", [.literal("a")]), ("/a/", [.literal("a"), .literal("")]),
      ("/pets/{petId}/toys", [.literal("pets"), .parameter("petId"), .literal("toys")]),
      ("/a%20b", [.literal("a%20b")]), ("/a;v=1", [.literal("a;v=1")]), ("/~x/a:b", [.literal("~x"), .literal("a:b")]),
    ] as [(String, [APIPath.Segment])])
  func takesPathsApart(text: String, segments: [APIPath.Segment]) {
    #expect(APIPath(text)?.segments == segments)
  }

  @Test(arguments: [
    "", "a", "//", "/a//b", "/.", "/..", "/a/../b", "/a/./b", "/%2e", "/%2E%2e", "/a%2fb", "/a%5cb", "/a%00", "/a\\b",
    "/a?b", "/a#b", "/a b", "/é", "/%", "/%4", "/%zz", "/{}", "/{a}b", "/{a b}", "/{a}/{a}", "/a%41", "/%252e",
    "/" + String(repeating: "a", count: 1024), "/a\u{0}", "/a\n",
  ])
  func refusesOtherPaths(text: String) {
    #expect(APIPath(text) == nil)
  }
}
