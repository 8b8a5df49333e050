import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// The web console beside a gateway on the same host, by the real binary.
@Suite(.database, .timeLimit(.minutes(10))) struct ConsolePagesTests {
  private static var environment: [String: String] {
    TestDatabase.current.configuration.environment.merging(["LATCHKEY_GATEWAY_DOMAIN": "gw.example"]) { $1 }
  }

  private static let key = "jdcloud-apim-subscription-key"

  /// A tenant whose owner is signed in to the pages and, for making things, to the API.
  private func owner(_ slug: String, at console: String) async throws -> (PageVisitor, Tenancy) {
    var visitor = PageVisitor(at: console)
    try await visitor.signUp(slug)
    let token = try #require(visitor.cookies["latchkey-session"])
    return (visitor, Tenancy(slug: slug, console: console, token: token))
  }

  /// A browser sends the console's cookies to every port of its host (RFC 6265 §8.5; threats, row 28).
  @Test func noCookieCrossesBetweenTheConsoleAndABackend() async throws {
    try await RecordingBackend.with(.setsCookies) { backend in
      try await RunningLatchkey.with(environment: Self.environment) { latchkey in
        let (visitor, acme) = try await owner("acme", at: latchkey.address(of: "console"))
        #expect(visitor.cookieField.contains("latchkey-session=ses_"))
        #expect(visitor.cookieField.contains("latchkey-device=dev_"))
        _ = try await acme.release("pets", backend: .http(backend.url), accessMode: "open")
        let gateway = "http://\(latchkey.address(of: "gateway"))"
        let cookie = [("Cookie", visitor.cookieField)]

        let byPath = try await Caller.untilStatus(200, gateway + "/acme/online/pets/x", headers: cookie)
        #expect(byPath.status == 200 && byPath.headers["Set-Cookie"] == [])
        #expect(backend.values("Cookie") == [] && !backend.text.contains("ses_") && !backend.text.contains("dev_"))

        // A host is an origin of its own, to which no cookie of the console's goes; nor can it set one for those above it.
        let byHost = try await Caller.call(
          .GET, gateway + "/online/pets/x", headers: [("Host", "acme.gw.example"), ("Cookie", "own=1")])
        #expect(byHost.headers["Set-Cookie"] == ["latchkey-session=forged; Path=/"])
        #expect(backend.values("Cookie") == ["own=1"])
      }
    }
  }

  /// All of an office have one address, and somebody there guesses.
  @Test func letsABrowserInThatItsAccountHasSignedInBy() async throws {
    try await RunningLatchkey.with(role: "console", environment: Self.environment) { latchkey in
      let console = latchkey.address(of: "console")
      var (visitor, _) = try await owner("acme", at: console)
      let device = try #require(visitor.cookies["latchkey-device"])
      let right = ["tenant": "acme", "email": "owner@acme.example", "password": "correct horse battery"]
      var stranger = PageVisitor(at: console)
      for _ in 0..<10 {
        let wrong = right.merging(["password": "not the password"]) { $1 }
        #expect(try await stranger.submit("/sign-in", wrong).status == 401)
      }
      #expect(try await stranger.submit("/sign-in", right).status == 429)
      #expect(stranger.cookies["latchkey-device"] == nil)
      #expect(try await visitor.submit("/sign-in", right).status == 303)
      #expect(visitor.cookies["latchkey-device"] != device)
    }
  }

  /// What is in a form is looked at by who may send it.
  @Test func tellsWhoMayNotThatWhateverItsFormHas() async throws {
    try await RunningLatchkey.with(role: "console", environment: Self.environment) { latchkey in
      let console = latchkey.address(of: "console")
      let (_, acme) = try await owner("acme", at: console)
      let draft: JSONValue = ["name": "Pets", "prefix": "pets", "accessMode": "open"]
      let group = try #require(try await acme.make("/api-groups", draft)["id"]?.text)
      let invited = try await acme.make(
        "/accounts", ["name": "Viewer", "email": "viewer@acme.example", "role": "viewer"])
      let (token, password) = (try #require(invited["invitation"]?["token"]), "correct horse battery")
      _ = try await acme.make("/invitations", ["token": token, "password": .string(password)])
      var viewer = PageVisitor(at: console)
      let signedIn = try await viewer.submit(
        "/sign-in", ["tenant": "acme", "email": "viewer@acme.example", "password": password])
      #expect(signedIn.status == 303)
      for path in [
        "/subscription-keys/new", "/subscription-keys/import", "/api-groups/new", "/api-groups/\(group)/edit",
        "/api-groups/\(group)/apis/new", "/api-groups/\(group)/access", "/api-groups/\(group)/revisions/new",
        "/api-groups/\(group)/release", "/authorizations/new", "/limit-policies/new", "/domains/new", "/accounts/new",
        "/tenant/edit",
      ] {
        for fields in [[:], ["name": "x", "unknown": "y"]] {
          let answer = try await viewer.submit(path, fields, from: "/")
          #expect(answer.status == 403, "\(path) \(fields)")
        }
      }
    }
  }

  @Test func answersABrowsersUnknownPathWithAPage() async throws {
    try await RunningLatchkey.with(role: "console", environment: Self.environment) { latchkey in
      var (visitor, _) = try await owner("acme", at: latchkey.address(of: "console"))
      for path in ["/no-such-page", "/accounts/acc_00000000000000000000000000", "/assets/none.css"] {
        let page = try await visitor.get(path)
        #expect(page.status == 404 && page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
        #expect(page.headers["Content-Security-Policy"].count == 1 && page.headers["Cache-Control"] == ["no-store"])
        #expect(page.headers.first(name: "Content-Security-Policy")?.contains("style-src 'self'") == true)
        // With the way to all else.
        #expect(page.body.contains("href=\"/accounts\""), "\(path)")
      }
      for (path, accept) in [("/v1/none", "text/html"), ("/no-such-page", "*/*"), ("/v1", "text/html")] {
        let problem = try await visitor.get(path, accept: accept)
        #expect(problem.status == 404 && problem.headers.first(name: "Content-Type") == "application/problem+json")
      }
    }
  }

  @Test func triesACallThroughTheGatewayAndKeepsNoSecret() async throws {
    try await RecordingBackend.with(.answersAtLength(1 << 16)) { backend in
      try await RunningLatchkey.with(environment: Self.environment) { latchkey in
        var (visitor, acme) = try await owner("acme", at: latchkey.address(of: "console"))
        let gateway = "http://\(latchkey.address(of: "gateway"))"
        let (id, secret) = try await acme.key()
        let group = try await acme.release("pets", backend: .http(backend.url))
        _ = try await acme.authorize(id, for: group)
        _ = try await Caller.untilStatus(200, gateway + "/acme/online/pets/x", headers: keyed(secret))

        let chosen = try await visitor.get("/try-it/groups/\(group)/online")
        let path = String(
          try #require(chosen.body.firstMatch(of: /href="(\/try-it\/groups\/grp_[^"]+\/api_[^"]+)"/)?.1))
        let typed = ["rest": "cats/1", "query": "a=b c", "headers": "X-Own: 1", "method": "GET", "keyHeader": Self.key]
        let good = try await visitor.submit(path, typed.merging(["secret": secret, "key": id]) { $1 })
        #expect(good.status == 200)
        #expect(good.body.contains("200 OK") && good.body.contains("The gateway let the call through"))
        #expect(good.body.contains("Only the beginning is shown") && good.body.utf8.count < 50_000)
        #expect(backend.requests.last == "GET /base/cats/1?a=b%20c" && backend.values("X-Own") == ["1"])

        let wrong = try await visitor.submit(path, typed.merging(["secret": secret + "x", "key": id]) { $1 })
        #expect(wrong.body.contains("refused with 401") && wrong.body.contains("is another key"))
        for answer in [good, wrong] { #expect(!answer.body.contains(secret)) }
        #expect(!latchkey.log.contains(secret) && !backend.text.contains(secret))

        let elsewhere = try await visitor.submit(
          "/try-it/paths/acme/online", ["path": "../../x", "method": "GET", "keyHeader": Self.key, "secret": secret])
        #expect(elsewhere.status == 422 && !elsewhere.body.contains(secret))
      }
    }
  }

  @Test func followsNoRedirectOfABackends() async throws {
    try await RecordingBackend.with { other in
      try await RecordingBackend.with(.redirects(to: "http://127.0.0.1:\(other.port)/inside")) { backend in
        try await RunningLatchkey.with(environment: Self.environment) { latchkey in
          var (visitor, acme) = try await owner("acme", at: latchkey.address(of: "console"))
          _ = try await acme.release("pets", backend: .http(backend.url), accessMode: "open")
          _ = try await Caller.untilStatus(404, "http://\(latchkey.address(of: "gateway"))/acme/online/none")
          var page: Answer?
          let deadline = ContinuousClock.now + .seconds(20)
          while page?.body.contains("302 Found") != true, ContinuousClock.now < deadline {
            page = try await visitor.submit(
              "/try-it/paths/acme/online", ["path": "pets/x", "method": "GET", "keyHeader": Self.key])
          }
          #expect(page?.body.contains("302 Found") == true && other.requests == [])
        }
      }
    }
  }
}
