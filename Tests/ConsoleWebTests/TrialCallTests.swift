import Contract
import Model
import Testing

@testable import ConsoleWeb

/// What is typed for a trial call, and what goes to the gateway.
struct TrialCallTests {
  private static let gateway = "https://gw.example"
  private static let any = TrialTarget(
    base: "/globex/online", api: nil, keyHeaders: TrialTarget.usualKeyHeaders, namesGroup: false)
  private static let secret = "lk_" + String(repeating: "a1B2c3D", count: 7)

  private static func api(_ path: String, _ method: APIMethod = .get, _ match: APIPattern.Match = .exact) -> TrialTarget
  {
    let pattern = APIPattern(method: method, path: APIPath(path)!, match: match)
    let api = Revision.FrozenAPI(id: .random(), name: DisplayName("an API")!, description: nil, pattern: pattern)
    return TrialTarget(base: "/acme/test/pets", api: api, keyHeaders: ["X-Api-Key"])
  }

  private func path(_ typed: [String: String], _ target: TrialTarget) throws -> String {
    try TrialCall(TypedForm(["method": "GET"].merging(typed) { $1 }), to: target, gateway: Self.gateway).path
  }

  @Test(arguments: [
    ("weather/v1/x", "", "/globex/online/weather/v1/x"), ("/weather/", "", "/globex/online/weather/"),
    ("/globex/online/weather", "", "/globex/online/weather"),
    ("https://gw.example/globex/online/weather?a=1#top", "b=2", "/globex/online/weather?a=1&b=2"),
    ("weather", "q=two words\n\nn=ä&m=%20", "/globex/online/weather?q=two%20words&n=%C3%A4&m=%20"),
    ("naïve x", "", "/globex/online/na%C3%AFve%20x"), ("a?x=1\u{0}", "", "/globex/online/a?x=1%00"),
  ])
  func readsAPathAsItWasTold(path: String, query: String, expected: String) throws {
    #expect(try self.path(["path": path, "query": query], Self.any) == expected)
  }

  @Test(arguments: [
    ("", "/globex/online/weather"), ("/", "/globex/online/weather/"),
    ("/globex/online/weather", "/globex/online/weather"),
    ("v1/x", "/globex/online/weather/v1/x"), ("/globex/online/weather/v1", "/globex/online/weather/v1"),
    ("https://gw.example/globex/online/weather?a=1", "/globex/online/weather?a=1"),
    ("/globex/online/other", "/globex/online/weather/globex/online/other"),
  ])
  func staysBelowAGroupThatIsNamed(path: String, expected: String) throws {
    let target = TrialTarget(base: "/globex/online/weather", api: nil, keyHeaders: [])
    #expect(try self.path(["path": path], target) == expected)
  }

  @Test(arguments: [
    "", "/", "http://169.254.169.254/x", "https://gw.example.evil.example/globex/online/x", "//evil.example/x",
    "../test/x", "a/../../b", "a/%2e%2E/b", "a/%2e./b", "a//b", "a/./b", "a%2fb", "a%5Cb", "a%252e", "%00",
    "/globex/online/../../admin",
  ])
  func neverLeavesTheProvidersPaths(path: String) throws {
    #expect(throws: InvalidInput.self) { try self.path(["path": path], Self.any) }
  }

  @Test(arguments: ["@evil.example/x", ":80@evil.example/", "\\evil.example", "evil.example\r\nHost: x", "#x", "\t/x"])
  func keepsWhateverIsTypedBehindTheBase(path: String) throws {
    guard let path = try? self.path(["path": path], Self.any) else { return }
    #expect(path.hasPrefix("/globex/online/"))
    #expect(path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") })
  }

  @Test(arguments: [
    ("/cats/{id}", "a b/", nil), ("/cats/{id}", "..", nil), ("/cats/{id}", ".", nil), ("/cats/{id}", "", nil),
    ("/cats/{id}", "a\\b", nil), ("/cats/{id}", "a b?#%é", "/acme/test/pets/cats/a%20b%3F%23%25%C3%A9"),
    ("/{id}/", "7", "/acme/test/pets/7/"), ("/", "", "/acme/test/pets"),
  ])
  func fillsInTheSegmentsThatAreOpen(pattern: String, value: String, expected: String?) throws {
    let typed = [TrialTarget.field(ofParameter: "id"): value]
    guard let expected else {
      #expect(throws: InvalidInput.self) { try path(typed, Self.api(pattern)) }
      return
    }
    #expect(try path(typed, Self.api(pattern)) == expected)
  }

  @Test(arguments: [("", "/acme/test/pets/a"), ("b/c", "/acme/test/pets/a/b/c"), ("/b", "/acme/test/pets/a/b")])
  func goesOnBelowAPrefix(rest: String, expected: String) throws {
    #expect(try path(["rest": rest], Self.api("/a", .get, .prefix)) == expected)
  }

  @Test(arguments: [
    "Host: evil.example", "host : x", "Content-Length: 3", "Transfer-Encoding: chunked", "Connection: close",
    "X-Forwarded-For: 10.0.0.1", "Forwarded: for=x", "X-Request-Id: 1", "X-Latchkey-Tenant: acme", "no colon", ": x",
    "A b: c", "jdcloud-apim-subscription-key: lk_x", "X-API-KEY: lk_x", "X-Original-URI: /x", "a: b\u{0}c", "a: b\rc",
  ])
  func takesNoHeaderThatIsNotTheCallers(line: String) throws {
    let typed = TypedForm(["headers": "Accept: x\n\(line)", "keyHeader": "X-Api-Key"])
    let error = try #require(throws: InvalidInput.self) {
      try TrialCall(typed, to: Self.api("/a"), gateway: Self.gateway)
    }
    #expect(error.complaints.allSatisfy { $0.pointer == "/headers" })
  }

  @Test func putsTheSecretIntoTheHeaderThatIsChosen() throws {
    let typed = TypedForm(["path": "a", "method": "GET", "secret": " \(Self.secret)\n", "keyHeader": "Authorization"])
    let call = try TrialCall(typed, to: Self.any, gateway: Self.gateway)
    #expect(call.keyHeader == TrialCall.Header(name: "Authorization", value: "Bearer \(Self.secret)"))
    #expect(!call.curl(at: Self.gateway).contains(Self.secret))
    #expect(call.curl(at: Self.gateway).contains("\"Authorization: Bearer $KEY\""))
    #expect(throws: InvalidInput.self) {
      try TrialCall(
        TypedForm(["path": "a", "method": "GET", "secret": "x", "keyHeader": "X\r\nY"]), to: Self.any,
        gateway: Self.gateway)
    }
  }

  @Test func showsNoSecretWhereverItWasTyped() {
    #expect(TrialCall.masked("x=\(Self.secret)&", secret: "") == "x=\(TrialCall.mask)&")
    #expect(TrialCall.masked("an imported-value-of-ours!", secret: "imported-value-of-ours!") == "an \(TrialCall.mask)")
    #expect(TrialCall.masked("nothing", secret: "") == "nothing")
  }

  @Test(
    arguments: [
      (Array("naïve".utf8), false, "naïve"), ([0x6E, 0xC3], true, "n"), ([0x6E, 0xC3], false, nil),
      ([0, 1], false, nil),
      ([0xFF, 0xFE, 0x61], true, nil), ([], false, ""),
    ] as [([UInt8], Bool, String?)])
  func readsABodyAsText(bytes: [UInt8], isCutOff: Bool, text: String?) {
    let answer = TrialAnswer(
      status: 200, reason: "OK", headers: [], body: bytes, isCutOff: isCutOff, duration: .zero)
    #expect(answer.text == text)
  }

  @Test func quotesForAShell() {
    #expect("it's".shellQuoted == "'it'\\''s'")
  }
}
