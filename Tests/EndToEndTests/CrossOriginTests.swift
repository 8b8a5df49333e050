import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// A `cors` policy from the console to a browser's requests, as bytes.
@Suite(.timeLimit(.minutes(10))) struct CrossOriginTests {
  private static let page = "https://app.example"

  /// The answer's head, as lines in lower case.
  private func head(
    of method: String, _ fields: String = "", at latchkey: RunningLatchkey, path: String = "/acme/online/pets/1"
  ) async throws -> [String] {
    let text = "\(method) \(path) HTTP/1.1\r\nHost: api.example\r\n\(fields)Connection: close\r\n\r\n"
    let answer = try await RawCall.send(text, to: latchkey.address(of: "gateway"), until: "\r\n\r\n")
    return answer.components(separatedBy: "\r\n\r\n")[0].lowercased().components(separatedBy: "\r\n")
  }

  private func preflight(of origin: String = page, at latchkey: RunningLatchkey) async throws -> [String] {
    let fields = "Origin: \(origin)\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n"
    return try await head(of: "OPTIONS", fields, at: latchkey)
  }

  /// Asks until the answer is right, since a change is in force a moment later.
  private func eventually(_ isRight: ([String]) -> Bool, _ ask: () async throws -> [String]) async throws -> [String] {
    let deadline = ContinuousClock.now + .seconds(20)
    var lines = try await ask()
    while !isRight(lines), ContinuousClock.now < deadline { lines = try await ask() }
    return lines
  }

  private func isAnswered(_ lines: [String]) -> Bool { lines[0].hasPrefix("http/1.1 204 ") }
  private func crossOrigin(_ lines: [String]) -> [String] { lines.filter { $0.hasPrefix("access-control-") } }

  @Test(.database) func aPageCallsWithAKeyOfItsVisitors() async throws {
    try await RecordingBackend.with { backend in
      try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
        let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
        let group = try await acme.release("pets", backend: .http(backend.url), keyHeaders: ["X-Api-Key"])
        let (key, secret) = try await acme.key()
        _ = try await acme.authorize(key, for: group)
        let url = "http://\(latchkey.address(of: "gateway"))/acme/online/pets/1"
        #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
        // Without a policy a preflight is a call like any other.
        let without = try await preflight(at: latchkey)
        #expect(without[0].hasPrefix("http/1.1 401 ") && crossOrigin(without).isEmpty)

        let policy: JSONValue = ["cors": ["allowedOrigins": [.string(Self.page)], "allowedHeaders": ["X-A"]]]
        #expect(try await acme.call(.PATCH, "/api-groups/\(group)", policy).status == 200)
        let calls = backend.requests.count
        let answer = try await eventually(isAnswered) { try await preflight(at: latchkey) }
        #expect(answer.contains("access-control-allow-origin: https://app.example"))
        #expect(answer.contains("access-control-allow-headers: jdcloud-apim-subscription-key, x-api-key, x-a"))
        #expect(answer.contains("vary: origin, access-control-request-method, access-control-request-headers"))
        for origin in ["null", "https://evil.example", "https://app.example.attacker", "https://app.example:444"] {
          let foreign = try await preflight(of: origin, at: latchkey)
          #expect(isAnswered(foreign) && crossOrigin(foreign).isEmpty)
        }
        #expect(backend.requests.count == calls)

        let origin = "Origin: \(Self.page)\r\n"
        let call = try await head(of: "GET", "\(origin)jdcloud-apim-subscription-key: \(secret)\r\n", at: latchkey)
        #expect(call[0].hasPrefix("http/1.1 200 "))
        #expect(call.contains("access-control-allow-origin: https://app.example") && call.contains("vary: origin"))
        let refused = try await head(of: "GET", origin, at: latchkey)
        #expect(refused[0].hasPrefix("http/1.1 401 "))
        #expect(refused.contains("access-control-allow-origin: https://app.example"))
        let elsewhere = try await head(of: "GET", origin, at: latchkey, path: "/acme/online/toys/1")
        #expect(elsewhere[0].hasPrefix("http/1.1 404 ") && crossOrigin(elsewhere).isEmpty)
        // Behind another proxy: never leave to forward it.
        let asked = "X-Forwarded-Method: OPTIONS\r\nX-Forwarded-Uri: /acme/online/pets/1\r\n\(origin)"
        let check = "GET /check/forwarded HTTP/1.1\r\nHost: a\r\n\(asked)Access-Control-Request-Method: PUT\r\n\r\n"
        let checked = try await RawCall.send(check, to: latchkey.address(of: "internal"), until: "\r\n\r\n")
        #expect(checked.hasPrefix("HTTP/1.1 403 ") && checked.contains("\r\nX-Latchkey-Status: 204\r\n"))
      }
    }
  }

  @Test(.database) func aPolicyIsTakenBack() async throws {
    try await RunningLatchkey.with(environment: TestDatabase.current.configuration.environment) { latchkey in
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let group = try await acme.release("pets", backend: .mock, accessMode: "open")
      let path = "/api-groups/\(group)"
      let any: JSONValue = ["cors": ["allowedOrigins": ["*"], "exposedHeaders": ["*"]]]
      #expect(try await acme.call(.PATCH, path, any).status == 200)
      let answer = try await eventually(isAnswered) { try await preflight(at: latchkey) }
      #expect(answer.contains("access-control-allow-origin: *"))
      let call = try await head(of: "GET", "Origin: null\r\n", at: latchkey)
      #expect(
        crossOrigin(call) == ["access-control-allow-origin: *", "access-control-expose-headers: *"])
      #expect(try await acme.call(.PATCH, path, ["cors": .null]).status == 200)
      let forwarded = try await eventually({ !isAnswered($0) }) { try await preflight(at: latchkey) }
      #expect(forwarded[0].hasPrefix("http/1.1 200 ") && crossOrigin(forwarded).isEmpty)
    }
  }
}
