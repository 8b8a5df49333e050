import Testing

@testable import Model

/// Which calls a pattern takes that another one took.
struct APIPatternCoverageTests {
  @Test(arguments: [
    ("GET /pets", "GET /pets", true), ("GET /pets", "POST /pets", false), ("ANY /pets", "POST /pets", true),
    ("GET /pets", "HEAD /pets", true), ("HEAD /pets", "GET /pets", false), ("GET /pets", "ANY /pets", false),
    ("GET /{a}", "GET /pets", true), ("GET /pets", "GET /{a}", false), ("GET /{a}", "GET /{b}", true),
    ("GET /{a}", "GET /", false), ("GET /pets/{a}", "GET /pets/", false), ("GET /pets", "GET /pets/", false),
    ("GET /pets*", "GET /pets", true), ("GET /pets*", "GET /pets/1", true), ("GET /pets*", "GET /pets/*", true),
    ("GET /pets/*", "GET /pets", false), ("GET /pets/*", "GET /pets/", true), ("GET /pets/*", "GET /pets/1", true),
    ("GET /pets/*", "GET /pets*", false), ("GET /pets/*", "GET /pets/{a}*", true), ("GET /pets", "GET /pets*", false),
    ("GET /*", "GET /a/b/c", true), ("ANY /{a}*", "GET /*", false), ("GET /pets/{a}*", "GET /pets/*", false),
    ("GET /a/b*", "GET /a*", false),
  ])
  func coversWhatItTakesAllCallsOf(pattern: String, other: String, covers: Bool) throws {
    #expect(try Self.pattern(pattern).covers(Self.pattern(other)) == covers)
  }

  @Test func tellsWhatIsMissedAndWhatBecameOfIt() throws {
    func api(_ bits: UInt64, _ text: String) throws -> Revision.FrozenAPI {
      Revision.FrozenAPI(
        id: ID(bits: UInt128(bits)), name: DisplayName("An API")!, description: nil, pattern: try Self.pattern(text))
    }
    let before = [
      try api(1, "GET /kept"), try api(2, "GET /moved"), try api(3, "GET /gone"), try api(4, "GET /below/x"),
    ]
    let after = [try api(1, "ANY /kept"), try api(2, "GET /elsewhere"), try api(5, "GET /below*")]
    let missed = after.missed(of: before)
    #expect(missed.map { $0.api.pattern.path.description } == ["/moved", "/gone"])
    #expect(missed.map { $0.after?.pattern.path.description } == ["/elsewhere", nil])
    #expect(after.missed(of: after).isEmpty)
  }

  /// A method and a path, with `*` behind it for a prefix.
  private static func pattern(_ text: String) throws -> APIPattern {
    let parts = text.split(separator: " ").map(String.init)
    let isPrefix = parts[1].hasSuffix("*")
    return APIPattern(
      method: try #require(APIMethod(rawValue: parts[0])),
      path: try #require(APIPath(isPrefix ? String(parts[1].dropLast()) : parts[1])),
      match: isPrefix ? .prefix : .exact)
  }
}
