import Framing
import Model
import Routing
import Testing

/// What a group's `cors` policy has its answers say, and which calls it answers by itself.
struct CrossOriginTests {
  private static let ask = "Access-Control-Request-Method: PUT"

  private func world(
    _ origins: [String] = ["https://app.example"], methods: [String] = ["*"], headers: [String] = ["*"],
    exposed: [String] = [], credentials: Bool = false
  ) throws -> World {
    var world = World()
    let policy = CORSPolicy(
      origins: origins, methods: methods, headers: headers, exposedHeaders: exposed, credentials: credentials,
      maxAge: 60)
    let whole: CORSPolicy = try #require(policy)
    world.cors = whole
    return world
  }

  private func lines(_ fields: CrossOriginFields) -> [String] {
    let origin = fields.allowedOrigin.map { ["Access-Control-Allow-Origin: \(String(decoding: $0, as: UTF8.self))"] }
    let others = String(decoding: fields.others, as: UTF8.self)
    #expect(others.isEmpty || others.hasSuffix("\r\n"))
    return (origin ?? []) + others.split(separator: "\r\n").map(String.init)
  }

  private func preflight(
    _ world: World, _ fields: String..., path: String = "/acme/online/echo/hello"
  ) throws -> [String] {
    let request = try Request("OPTIONS \(path)", fields: fields)
    return lines(try #require(request.decision(by: world.snapshot).preflight).answer)
  }

  /// What an answer to a call says.
  private func answer(_ world: World, _ fields: String...) throws -> [String] {
    let request = try Request("GET /acme/online/echo/hello", fields: fields + [world.credential])
    let route = try #require(request.decision(by: world.snapshot).route)
    let rules = try #require(route.target.crossOrigin)
    return lines(rules.fields(for: request.head, in: request.bytes.span))
  }

  private static let vary = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

  @Test func answersAPreflightBeforeAnybodyAsksForAKey() throws {
    let answer = try preflight(
      try world(methods: ["GET", "PUT"], headers: ["Content-Type"], credentials: true), "Origin: https://app.example",
      Self.ask)
    #expect(
      answer == [
        "Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Methods: GET, PUT",
        "Access-Control-Allow-Headers: jdcloud-apim-subscription-key, Content-Type",
        "Access-Control-Allow-Credentials: true", "Access-Control-Max-Age: 60", Self.vary,
      ])
  }

  @Test(arguments: ["/acme/online/echo", "/acme/online/echo/", "/acme/online/echo/nothing/at/all"])
  func answersAPreflightOfAnyPathOfTheGroup(path: String) throws {
    #expect(try !preflight(try world(), "Origin: https://app.example", Self.ask, path: path).isEmpty)
  }

  @Test func comesAfterAMissingDeploymentAndAnExposedSecret() throws {
    let world = try world()
    let fields = ["Origin: https://app.example", Self.ask]
    #expect(
      try Request("OPTIONS /acme/test/echo/hello", fields: fields).decision(by: world.snapshot).refusal == .notDeployed)
    let exposed = fields + ["Access-Control-Request-Headers: \(world.secret.revealed)"]
    #expect(
      try Request("OPTIONS /acme/online/echo/hello", fields: exposed).decision(by: world.snapshot).refusal
        == .exposedSecret)
  }

  @Test(arguments: [
    ("GET", ["Origin: https://app.example", ask]), ("options", ["Origin: https://app.example", ask]),
    ("OPTIONS", ["Origin: https://app.example"]), ("OPTIONS", [ask]), ("OPTIONS", []),
  ])
  func takesOtherCallsForOrdinaryOnes(method: String, fields: [String]) throws {
    let request = try Request("\(method) /acme/online/echo/any", fields: fields)
    #expect(request.decision(by: try world().snapshot).refusal == .unauthenticated(.missing))
  }

  @Test func leavesThePreflightsOfOtherGroupsAlone() throws {
    let (world, fields) = (World(), ["Origin: https://app.example", Self.ask])
    #expect(
      try Request("OPTIONS /acme/online/echo/any", fields: fields).decision(by: world.snapshot).refusal
        == .unauthenticated(.missing))
    let route = try Request("OPTIONS /acme/online/echo/any", fields: fields + [world.credential])
      .decision(by: world.snapshot).route
    #expect(route != nil && route?.target.crossOrigin == nil)
  }

  static let exact = ["https://app.example", "http://localhost:3000", "https://b.example:8443"]
  static let foreign = [
    "null", "", "https://evil.example", "https://app.example.attacker", "https://app.example.attacker.example",
    "https://evilapp.example", "https://a.app.example", "http://app.example", "https://app.example:443",
    "https://app.example:80", "https://app.example:8443", "https://app.example.", "https://app.example/",
    "https://app.example#", "https://app.example ,https://evil.example", "https://app.example, https://app.example",
    "https://app.example https://evil.example", "https://user@app.example", "https:app.example", "//app.example",
    "app.example", "https://b.example", "https://b.example:84433", "http://localhost", "http://localhost:30000",
    "https://app.exampl", "https://app_example", "https://app.example\u{212A}", "*", "https://*",
    "file://", "https://app.example\\.evil.example", "https://app.example%2eevil.example",
  ]

  @Test(arguments: foreign)
  func tellsAForeignOriginNothing(origin: String) throws {
    let world = try world(Self.exact, exposed: ["X-A"], credentials: true)
    #expect(try preflight(world, "Origin: \(origin)", Self.ask) == [Self.vary])
    #expect(try answer(world, "Origin: \(origin)") == ["Vary: Origin"])
  }

  @Test func tellsNoPageToBeWareOfCaches() throws {
    #expect(try answer(try world()) == ["Vary: Origin"])
    #expect(try answer(try world(["*"], exposed: ["X-A"])).last == "Access-Control-Expose-Headers: X-A")
  }

  @Test(arguments: ["https://app.example", "HTTPS://APP.EXAMPLE", "https://App.Example"])
  func writesTheListedOriginWhateverItsCase(origin: String) throws {
    let world = try world(exposed: ["X-A", "X-B"], credentials: true)
    #expect(
      try answer(world, "Origin: \(origin)") == [
        "Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true",
        "Access-Control-Expose-Headers: X-A, X-B", "Vary: Origin",
      ])
  }

  @Test func takesTwoOriginsForNone() throws {
    let world = try world()
    let twice = "Origin: https://app.example"
    #expect(try answer(world, twice, twice) == ["Vary: Origin"])
    #expect(try preflight(world, twice, twice, Self.ask) == [Self.vary])
    #expect(try preflight(world, twice, Self.ask, Self.ask) == [Self.vary])
    #expect(try preflight(world, twice, "Access-Control-Request-Method: a b") == [Self.vary])
    #expect(try preflight(world, twice, "Access-Control-Request-Method:") == [Self.vary])
  }

  @Test(arguments: [
    ("https://a.app.example", true), ("https://a.b.app.example", true), ("https://A_1-b.APP.example", true),
    ("https://app.example", false), ("https://.app.example", false), ("https://a..app.example", false),
    ("https://a.app.example.", false), ("https://a.app.example:444", false), ("http://a.app.example", false),
    ("https://evil.example#.app.example", false), ("https://evil.example/.app.example", false),
    ("https://evil.example:443.app.example", false), ("https://u@a.app.example", false),
    ("https://evil.example\\.app.example", false), ("https://evilapp.example", false),
    ("https://a.app.example.evil.example", false), ("https://\t.app.example", false), ("https://*.app.example", false),
    ("https://a%2e.app.example", false), ("https://é.app.example", false), ("https://[a].app.example", false),
    ("https://\(String(repeating: "a.", count: 130))a.app.example", false),
  ])
  func takesAllNamesUnderOne(origin: String, isAllowed: Bool) throws {
    let world = try world(["https://*.app.example"])
    let expected =
      isAllowed ? ["Access-Control-Allow-Origin: \(origin.lowercased())", "Vary: Origin"] : ["Vary: Origin"]
    #expect(try answer(world, "Origin: \(origin)") == expected)
  }

  @Test(arguments: ["https://any.example", "null", "x", "https://a.example, https://b.example"])
  func tellsAnybodyTheSameWhereAnyOriginIsAllowed(origin: String) throws {
    let world = try world(["*"], exposed: ["*"])
    let expected = ["Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *"]
    #expect(try answer(world, "Origin: \(origin)") == expected)
    #expect(try answer(world) == expected)
    let answer = try preflight(world, "Origin: \(origin)", Self.ask)
    #expect(answer.first == "Access-Control-Allow-Origin: *" && answer.last == Self.vary)
  }

  @Test func allowsTheHeadersThatAKeyComesIn() throws {
    var world = try world(headers: ["X-B", "x-api-key"])
    world.keyHeaders = ["X-Api-Key", "Authorization"]
    let lines = try preflight(world, "Origin: https://app.example", Self.ask)
    let expected = "Access-Control-Allow-Headers: jdcloud-apim-subscription-key, X-Api-Key, Authorization, X-B"
    #expect(lines.contains(expected))
    world = try self.world(headers: [])
    #expect(
      try preflight(world, "Origin: https://app.example", Self.ask, "Access-Control-Request-Headers: x-evil")
        .contains("Access-Control-Allow-Headers: jdcloud-apim-subscription-key"))
  }

  @Test(arguments: [
    ("content-type,x-a", ", content-type, x-a"), ("", ""), ("a b", ""), ("x-a, b:c", ""), (" x-a ,, x-b", ", x-a, x-b"),
    ("x-a,JDCloud-APIM-subscription-key", ", x-a"),
  ])
  func namesWhatIsAskedForWhereAnyHeaderIsAllowed(requested: String, added: String) throws {
    let lines = try preflight(
      try world(), "Origin: https://app.example", Self.ask, "Access-Control-Request-Headers: \(requested)")
    #expect(lines.contains("Access-Control-Allow-Headers: jdcloud-apim-subscription-key\(added)"))
  }

  @Test(arguments: ["GET", "PATCH", "PROPFIND", "patch"])
  func namesTheMethodWhereAnyIsAllowed(method: String) throws {
    let usual = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    let isUsual = usual.split(separator: ", ").contains { $0 == method }
    let lines = try preflight(
      try world(), "Origin: https://app.example", "Access-Control-Request-Method: \(method)")
    #expect(lines.contains("Access-Control-Allow-Methods: \(isUsual ? usual : usual + ", \(method)")"))
  }

  @Test(arguments: [("PUT", true), ("put", false), ("DELETE", false)])
  func namesNoMethodThatIsNotListed(method: String, permits: Bool) throws {
    let world = try world(methods: ["GET", "PUT"])
    let request = try Request(
      "OPTIONS /acme/online/echo/hello", "Origin: https://app.example", "Access-Control-Request-Method: \(method)")
    let preflight = try #require(request.decision(by: world.snapshot).preflight)
    #expect(preflight.permits == permits)
    #expect(lines(preflight.answer).contains("Access-Control-Allow-Methods: GET, PUT"))
  }

  @Test func aRefusalKnowsItsTarget() throws {
    let world = try world()
    for (line, fields) in [
      ("GET /acme/online/echo/hello", []), ("GET /acme/online/echo/nothing", [world.credential]),
      ("DELETE /acme/online/echo/hello", [world.credential]),
      ("GET /acme/online/echo/hello?\(world.secret.revealed)", []),
    ] {
      guard case .refuse(_, let target, _) = try Request(line, fields: fields).decision(by: world.snapshot) else {
        Issue.record("\(line) is not refused")
        continue
      }
      #expect(target?.crossOrigin?.policy == world.cors)
    }
  }

  /// Origins made of the pieces that parsers trip over: only what is an origin under the pattern, or listed, is let in.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func neverNamesAnOriginThatIsNotAllowed(seed: UInt64) throws {
    var source = SeededSource(seed: seed)
    let world = try world(["https://app.example", "https://*.app.example"])
    let snapshot = world.snapshot
    let pieces = [
      "https://", "http://", "app.example", ".app.example", "evil.example", ".", "..", "a", "A", "-", "_", ":", ":443",
      "/", "\\", "@", "#", "?", "%2e", ",", " ", "null", "*", "[", "]", "https", "://", "\u{E9}",
    ]
    for _ in 0..<400 {
      let count = Int.random(in: 1...5, using: &source)
      let origin = (0..<count).map { _ in pieces.randomElement(using: &source)! }.joined()
      let request = try Request(
        "GET /acme/online/echo/hello", fields: ["Origin: \(origin)", world.credential])
      let target = try #require(request.decision(by: snapshot).route).target
      let named = target.crossOrigin?.fields(for: request.head, in: request.bytes.span).allowedOrigin
      let isAllowed = try Self.isAllowed(origin.trimmed)
      #expect((named != nil) == isAllowed, "\(origin)")
      if let named { #expect(String(decoding: named, as: UTF8.self) == origin.trimmed.lowercased()) }
    }
  }

  /// By a regular expression, which the rules are not.
  private static func isAllowed(_ origin: String) throws -> Bool {
    let allowed = try Regex("https://([A-Za-z0-9_-]+\\.)*app\\.example").ignoresCase()
    return try allowed.wholeMatch(in: origin) != nil
  }
}

extension String {
  /// Without the blanks around it, which are no part of a field's value.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
