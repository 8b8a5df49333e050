import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// What browsers are told of a group with a `cors` policy, whoever answers.
@Suite(.timeLimit(.minutes(10))) struct CrossOriginTests {
  private static let page = "Origin: https://app.example\r\n"
  private static let ask = "Access-Control-Request-Method: PUT\r\n"

  private static func world(_ port: Int, cors: CORSPolicy? = policy) -> World {
    var world = World(port: port)
    world.cors = cors
    return world
  }

  private static let policy = CORSPolicy(
    allowedOrigins: [CORSOrigin("https://app.example")!, CORSOrigin("https://*.shop.example")!],
    exposedHeaders: [CORSHeader("X-A")!], allowsCredentials: true)

  private func fields(_ answer: String) -> [String] {
    lines(answer).filter { $0.lowercased().hasPrefix("access-control-") || $0.lowercased().hasPrefix("vary:") }
  }

  private static let allowed = [
    "Access-Control-Allow-Origin: https://app.example", "Access-Control-Allow-Credentials: true",
    "Access-Control-Expose-Headers: X-A", "Vary: Origin",
  ]

  /// What a client gets of an answer of the backend's.
  private func forwarded(
    _ fields: String, answer: String, cors: CORSPolicy? = policy, status: String = "200 OK"
  ) async throws -> String {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(Self.world(backend.port, cors: cors)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/ok", fields))
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send("HTTP/1.1 \(status)\r\n\(answer)Content-Length: 0\r\n\r\n")
        return try await client.readHead()
      }
    }
  }

  @Test func answersAPreflightWithoutAKeyAndKeepsTheConnection() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(Self.world(backend.port)) { gateway in
        let client = try await gateway.connect()
        for (body, length) in [("", ""), ("", ""), ("hello", "Content-Length: 5\r\n")] {
          try await client.send(
            request("OPTIONS", "/acme/online/echo/any", Self.page + Self.ask + length, keyed: false, body: body))
          let answer = try await client.readHead()
          #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n"))
          #expect(!answer.lowercased().contains("content-length") && !answer.contains("Connection: close"))
          #expect(
            fields(answer) == [
              "Access-Control-Allow-Origin: https://app.example",
              "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
              "Access-Control-Allow-Headers: jdcloud-apim-subscription-key", "Access-Control-Allow-Credentials: true",
              "Access-Control-Max-Age: 5",
              "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ])
        }
        // What comes behind a preflight is a request like any other.
        try await client.send(request("OPTIONS", "/acme/online/echo/any", Self.page, keyed: false))
        #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 401 "))
        #expect(backend.connections == 0)
      }
    }
  }

  @Test func answersAForeignPagesPreflightWithoutLeave() async throws {
    try await RunningGateway.with(Self.world(1)) { gateway in
      let client = try await gateway.connect()
      for origin in ["https://app.example.attacker", "null", "https://evil.example", "https://app.example."] {
        try await client.send(
          request("OPTIONS", "/acme/online/echo/any", "Origin: \(origin)\r\n" + Self.ask, keyed: false))
        let answer = try await client.readHead()
        #expect(answer.hasPrefix("HTTP/1.1 204 ") && !answer.contains(origin))
        #expect(fields(answer) == ["Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers"])
      }
    }
  }

  @Test(arguments: ["echo", "open", "observed"]) func answersAPreflightInEveryAccessMode(group: String) async throws {
    try await RunningGateway.with(Self.world(1)) { gateway in
      let client = try await gateway.connect()
      try await client.send(request("OPTIONS", "/acme/online/\(group)/any", Self.page + Self.ask, keyed: false))
      #expect(try await client.readHead().hasPrefix("HTTP/1.1 204 "))
    }
  }

  @Test func forwardsAPreflightWhereThereIsNoPolicy() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(Self.world(backend.port, cors: nil)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("OPTIONS", "/acme/online/open/any", Self.page + Self.ask, keyed: false))
        let upstream = try await backend.accept()
        let head = try await upstream.readHead()
        #expect(head.contains("\r\nOrigin: https://app.example\r\n"))
        #expect(head.contains("\r\nAccess-Control-Request-Method: PUT\r\n"))
        let own = "Access-Control-Allow-Origin: *\r\nACCESS-control-max-age: 9\r\n"
        try await upstream.send("HTTP/1.1 200 OK\r\n\(own)Content-Length: 0\r\n\r\n")
        let answer = try await client.readHead()
        #expect(fields(answer) == ["Access-Control-Allow-Origin: *", "ACCESS-control-max-age: 9"])
      }
    }
  }

  private static let backends =
    "X-Before: 1\r\nAccess-Control-Allow-Origin: *\r\nX-Between: 2\r\naccess-control-allow-credentials: true\r\n"
    + "Access-Control-Request-Method: x\r\nAccess-Control-Request-Headers: x\r\nAccess-Control-New: x\r\nX-After: 3\r\n"

  @Test(arguments: ["200 OK", "404 Not Found", "304 Not Modified", "500 Oops"])
  func replacesWhatTheBackendSays(status: String) async throws {
    let answer = try await forwarded(Self.page, answer: Self.backends, status: status)
    #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
    #expect(fields(answer) == Self.allowed)
    #expect(lines(answer).filter { $0.hasPrefix("X-") } == ["X-Before: 1", "X-Between: 2", "X-After: 3"])
  }

  @Test func echoesNoOriginThatIsNotListed() async throws {
    for origin in ["https://evil.example", "https://app.example.attacker", "null", "https://shop.example"] {
      let answer = try await forwarded(
        "Origin: \(origin)\r\n", answer: "Access-Control-Allow-Origin: \(origin)\r\nVary: Accept\r\n")
      #expect(fields(answer) == ["Vary: Accept", "Vary: Origin"])
    }
    let under = try await forwarded("Origin: https://a.shop.example\r\n", answer: "")
    #expect(fields(under).first == "Access-Control-Allow-Origin: https://a.shop.example")
  }

  /// What a cache keeps for one caller must not be taken for another's.
  @Test func tellsCachesAlsoWhereThereIsNoPage() async throws {
    let answer = try await forwarded("", answer: "Access-Control-Allow-Origin: *\r\nCache-Control: max-age=60\r\n")
    #expect(fields(answer) == ["Vary: Origin"])
    let anybody = CORSPolicy(allowedOrigins: [.any])
    let same = try await forwarded("", answer: "Access-Control-Allow-Origin: https://x.example\r\n", cors: anybody)
    #expect(fields(same) == ["Access-Control-Allow-Origin: *"])
    let page = try await forwarded(Self.page, answer: "", cors: anybody)
    #expect(fields(page) == ["Access-Control-Allow-Origin: *"])
  }

  @Test func leavesTheBackendsWordWhereThereIsNoPolicy() async throws {
    let answer = try await forwarded(Self.page, answer: Self.backends, cors: nil)
    #expect(fields(answer).count == 5 && fields(answer).first == "Access-Control-Allow-Origin: *")
  }

  @Test func keepsNothingOfThePageBefore() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(Self.world(backend.port)) { gateway in
        let client = try await gateway.connect()
        for (fields, expected) in [
          (Self.page, Self.allowed), ("Origin: https://evil.example\r\n", ["Vary: Origin"]), ("", ["Vary: Origin"]),
        ] {
          try await client.send(request("GET", "/acme/online/echo/ok", fields, keyed: false))
          let answer = try await client.read(through: "}\n")
          #expect(answer.hasPrefix("HTTP/1.1 401 ") && self.fields(answer) == expected)
        }
        try await client.send(request("GET", "/none", Self.page))
        #expect(fields(try await client.read(through: "}\n")) == [])
      }
    }
  }

  @Test func replacesWhatAMockSays() async throws {
    let headers = [
      MockResponse.Header(name: "Access-Control-Allow-Origin", value: "*"), .init(name: "X-Mock", value: "1"),
      .init(name: "access-control-allow-methods", value: "X"),
    ]
    for (cors, expected) in [
      (Self.policy, Self.allowed), (nil, ["Access-Control-Allow-Origin: *", "access-control-allow-methods: X"]),
    ] as [(CORSPolicy?, [String])] {
      var world = World(backend: .mock(MockResponse(status: 201, headers: headers, body: "hi")))
      world.cors = cors
      try await RunningGateway.with(world) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/ok", Self.page))
        let answer = try await client.read(through: "hi")
        #expect(answer.hasPrefix("HTTP/1.1 201 ") && answer.contains("\r\nX-Mock: 1\r\n"))
        #expect(fields(answer) == expected)
      }
    }
  }

  @Test(arguments: [
    ("GET", "/acme/online/echo/ok", "", false, 401), ("GET", "/acme/online/echo/else", "", true, 404),
    ("POST", "/acme/online/echo/ok", "", true, 405), ("GET", "/acme/online/echo/ok", "", true, 502),
    ("GET", "/acme/online/echo/ok?k=\(World.otherSecret.revealed)", "", true, 400),
    ("POST", "/acme/online/echo/ok", "Content-Length: 2000000\r\n", true, 413),
    ("GET", "/acme/online/echo/ok", "Via: 1.1 latchkey, 1.1 latchkey, 1.1 latchkey, 1.1 latchkey\r\n", true, 508),
  ])
  func letsAPageReadItsRefusals(
    method: String, path: String, more: String, keyed: Bool, status: Int
  ) async throws {
    var world = Self.world(1)
    world.apis = [APIPattern(method: .get, path: APIPath("/ok")!, match: .exact)]
    try await RunningGateway.with(world, configure: { $0.maximumBodyBytes = 1_000_000 }) { gateway in
      let client = try await gateway.connect()
      try await client.send(request(method, path, Self.page + more, keyed: keyed))
      let answer = try await client.read(through: "}\n")
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
      #expect(fields(answer) == Self.allowed)
    }
  }

  @Test func letsAPageReadThatItsKeyIsNotAuthorized() async throws {
    try await RunningGateway.with(Self.world(1)) { gateway in
      let client = try await gateway.connect()
      let key = "jdcloud-apim-subscription-key: \(World.otherSecret.revealed)\r\n"
      try await client.send(request("GET", "/acme/online/echo/ok", Self.page + key, keyed: false))
      let answer = try await client.read(through: "}\n")
      #expect(answer.hasPrefix("HTTP/1.1 403 ") && fields(answer) == Self.allowed)
    }
  }

  @Test func dropsWhatAnswersTrailWith() async throws {
    try await ScriptedBackend.with { backend in
      try await RunningGateway.with(Self.world(backend.port)) { gateway in
        let client = try await gateway.connect()
        try await client.send(request("GET", "/acme/online/echo/ok", Self.page))
        let upstream = try await backend.accept()
        _ = try await upstream.readHead()
        try await upstream.send(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAccess-Control-Allow-Origin: *\r\nX-T: 1\r\n\r\n")
        _ = try await client.readHead()
        #expect(try await client.read(through: "\r\n\r\n") == "0\r\nX-T: 1\r\n\r\n")
      }
    }
  }

  // MARK: The check

  private func check(_ form: String, _ method: String, _ fields: String, keyed: Bool) async throws -> [String] {
    let asked =
      form == "nginx"
      ? "X-Original-Method: \(method)\r\nX-Original-URI: /acme/online/echo/ok\r\n"
      : "X-Forwarded-Method: \(method)\r\nX-Forwarded-Uri: /acme/online/echo/ok\r\n"
    return try await RunningGateway.with(Self.world(1)) { gateway in
      let client = try await gateway.connectInternally()
      try await client.send(request("GET", "/check/\(form)", asked + fields, keyed: keyed))
      return lines(try await client.readHead())
    }
  }

  /// A 2xx would let the preflight on to the backend, without a key.
  @Test(arguments: ["nginx", "forwarded"]) func neverLetsAProxyForwardAPreflight(form: String) async throws {
    let allowed = try await check(form, "OPTIONS", Self.page + Self.ask, keyed: false)
    #expect(allowed[0] == "HTTP/1.1 403 Forbidden")
    #expect(allowed.contains("X-Latchkey-Status: 204") && allowed.contains("Content-Length: 0"))
    #expect(allowed.contains("Access-Control-Allow-Origin: https://app.example"))
    #expect(allowed.contains("Access-Control-Allow-Headers: jdcloud-apim-subscription-key"))
    let foreign = try await check(form, "OPTIONS", "Origin: https://evil.example\r\n" + Self.ask, keyed: false)
    #expect(foreign[0] == "HTTP/1.1 403 Forbidden" && foreign.contains("X-Latchkey-Status: 204"))
    #expect(fields(foreign.joined(separator: "\r\n")).count == 1)
  }

  @Test(arguments: ["nginx", "forwarded"]) func tellsAProxyWhatToSay(form: String) async throws {
    let admitted = try await check(form, "GET", Self.page, keyed: true)
    #expect(admitted[0] == "HTTP/1.1 200 OK" && fields(admitted.joined(separator: "\r\n")) == Self.allowed)
    let refused = try await check(form, "GET", Self.page, keyed: false)
    #expect(refused[0] == "HTTP/1.1 401 Unauthorized" && fields(refused.joined(separator: "\r\n")) == Self.allowed)
    // The proxy's own method is none of the call's.
    let ordinary = try await check(form, "PUT", Self.page + Self.ask, keyed: true)
    #expect(ordinary[0] == "HTTP/1.1 200 OK")
  }
}
