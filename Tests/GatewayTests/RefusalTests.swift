import Model
import Routing
import TestWire
import Testing

@testable import Gateway

/// A request whose only credential is what `fields` say.
private func unkeyed(_ fields: String) -> String { request("GET", "/acme/online/echo/x", fields, keyed: false) }

@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    let status: Int
    let code: String
    var testDescription: String { name }

    init(_ name: String, _ request: String, _ status: Int, _ code: String) {
      (self.name, self.request, self.status, self.code) = (name, request, status, code)
    }
  }

  static let cases: [Case] = [
    Case("no deployment", request("GET", "/acme/online/none/x"), 404, "not_deployed"),
    Case("another environment", request("GET", "/acme/test/echo/x"), 404, "not_deployed"),
    Case("the root", request("GET", "/"), 404, "not_deployed"),
    Case("no key", request(keyed: false), 401, "unauthenticated"),
    Case(
      "an unknown key", unkeyed("jdcloud-apim-subscription-key: \(SecretValue.random().revealed)\r\n"), 401,
      "unauthenticated"),
    Case("no secret at all", unkeyed("jdcloud-apim-subscription-key: x\r\n"), 401, "unauthenticated"),
    Case(
      "two keys", request("GET", "/acme/online/echo/x", "jdcloud-apim-subscription-key: \(World.secret.revealed)\r\n"),
      401, "unauthenticated"),
    Case(
      "not authorized", unkeyed("jdcloud-apim-subscription-key: \(World.otherSecret.revealed)\r\n"), 403, "unauthorized"
    ),
    Case(
      "a key in the query", request("GET", "/acme/online/echo/x?k=\(World.otherSecret.revealed)"), 400, "exposed_secret"
    ),
    Case("no such API", request("GET", "/acme/online/echo/else"), 404, "no_such_api"),
    Case("not with this method", request("POST", "/acme/online/echo/only-get"), 405, "method_not_allowed"),
    Case("a dot segment", request("GET", "/acme/online/echo/../x"), 400, "malformed_request"),
    Case("an encoded slash", request("GET", "/acme/online/echo%2fx"), 400, "malformed_request"),
    Case("a bare line feed", "GET / HTTP/1.1\nHost: a\n\n", 400, "malformed_request"),
    Case(
      "two lengths", request("POST", "/acme/online/echo/x", "Content-Length: 1\r\nContent-Length: 1\r\n"), 400,
      "malformed_request"),
    Case("another expectation", request("GET", "/acme/online/echo/x", "Expect: more\r\n"), 417, "expectation_failed"),
    Case(
      "another coding", request("POST", "/acme/online/echo/x", "Transfer-Encoding: gzip\r\n"), 400, "malformed_request"),
    Case("CONNECT", request("CONNECT"), 501, "not_implemented"),
    Case("TRACE", request("TRACE"), 501, "not_implemented"),
    Case("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unsupported_version"),
    Case(
      "a large head", request("GET", "/acme/online/echo/x", "A: \(String(repeating: "x", count: 40_000))\r\n"), 431,
      "head_too_large"),
    Case(
      "many fields", request("GET", "/acme/online/echo/x", String(repeating: "A: b\r\n", count: 300)), 431,
      "head_too_large"),
    Case("a large body", request("POST", "/acme/online/echo/x", "Content-Length: 2000000\r\n"), 413, "body_too_large"),
    Case(
      "a loop", request("GET", "/acme/online/echo/only-get", String(repeating: "Via: 1.1 latchkey\r\n", count: 4)), 508,
      "loop_detected"),
  ]

  @Test(arguments: cases) func refusesWithAProblem(refused: Case) async throws {
    try await ScriptedBackend.with { backend in
      var world = World(port: backend.port)
      world.apis = [APIPattern(method: .get, path: APIPath("/only-get")!, match: .exact)]
      try await RunningGateway.with(world, configure: { $0.maximumBodyBytes = 1_000_000 }) { gateway in
        let client = try await gateway.connect()
        try await client.send(refused.request)
        let answer = try await client.read(through: "}\n")
        #expect(answer.hasPrefix("HTTP/1.1 \(refused.status) "))
        #expect(answer.contains("\r\nContent-Type: application/problem+json\r\n"))
        let id = answer.firstMatch(of: /X-Request-Id: (\w+)/)?.1
        #expect(id != nil && id == answer.firstMatch(of: /"requestId":"(\w+)"/)?.1)
        for member in ["type", "title", "detail", "requestId"] { #expect(answer.contains("\"\(member)\":\"")) }
        #expect(answer.contains("\"code\":\"\(refused.code)\"") && answer.contains("\"status\":\(refused.status),"))
        #expect(answer.contains("\r\nWWW-Authenticate: ") == (refused.status == 401))
        #expect(answer.contains("\r\nAllow: GET, HEAD\r\n") == (refused.status == 405))
        #expect(!answer.contains(World.secret.revealed) && !answer.contains(World.otherSecret.revealed))
        #expect(backend.connections == 0)
      }
    }
  }

  @Test func answersEveryBadCredentialAlike() async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      var answers: Set<String> = []
      for key in [SecretValue.random().revealed, "short", String(World.secret.revealed.dropLast()) + "!"] {
        let client = try await gateway.connect()
        try await client.send(unkeyed("jdcloud-apim-subscription-key: \(key)\r\n"))
        let answer = try await client.read(through: "\"requestId\":\"")
        answers.insert(lines(answer).filter { !$0.hasPrefix("Date") && !$0.hasPrefix("X-Request-Id") }.joined())
      }
      #expect(answers.count == 1)
    }
  }

  @Test(arguments: [
    ("a short body", "Content-Length: 5\r\n", "hello", true),
    ("a chunked body", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", false),
    ("a long body", "Content-Length: 100000\r\n", "hello", false),
    ("a body that waits", "Expect: 100-continue\r\nContent-Length: 5\r\n", "", false),
  ])
  func neverTakesAnUnreadBodyForARequest(name: String, fields: String, body: String, keeps: Bool) async throws {
    try await RunningGateway.with(World(port: 1)) { gateway in
      let client = try await gateway.connect()
      try await client.send(request("POST", "/acme/online/echo/x", fields, keyed: false, body: body))
      let answer = try await client.read(through: "}\n")
      #expect(answer.hasPrefix("HTTP/1.1 401 "))
      #expect(!answer.contains("100 Continue"))
      #expect(answer.contains("\r\nConnection: close\r\n") == !keeps)
      if keeps {
        try await client.send(request(keyed: false))
        #expect(try await client.read(through: "}\n").hasPrefix("HTTP/1.1 401 "))
      } else {
        // What follows would be a request if the body were not one.
        try await client.send(request("GET", "/none", keyed: false))
        #expect(try await client.readToEnd() == "")
      }
    }
  }
}
