import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// What is answered before any use case: bodies that cannot be read, paths and methods that nobody serves.
@Suite(.latchkey, .serialized)
struct RefusalTests {
  @Test(arguments: [
    "", "{", "{}x", "{\"name\":}", "{\"name\":\"a\",}", "\u{FEFF}{}", "{'name':'a'}", "[1", "nul", "{\"name\":01}",
    "{\"name\":\"\\ud800\"}", "{\"name\":\"\\x\"}", "{\"name\":\"a\nb\"}",
    "{\"a\":" + String(repeating: "[", count: 99),
  ])
  func refusesWhatIsNoJSON(body: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let answer = try await api.send(
        .post, "/subscription-keys", as: owner, bytes: Array(body.utf8), headers: [.contentType: "application/json"])
      #expect(answer.status == 400)
      #expect(answer.code == "invalid_json")
      let invalid = try await api.send(
        .post, "/subscription-keys", as: owner, bytes: Array("{\"name\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8),
        headers: [.contentType: "application/json"])
      #expect(invalid.code == "invalid_json")
    }
  }

  @Test(arguments: ["[]", "1", "null", "\"{}\""])
  func refusesWhatIsNoObject(body: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let answer = try await api.send(
        .post, "/subscription-keys", as: owner, bytes: Array(body.utf8), headers: [.contentType: "application/json"])
      #expect(answer.status == 422)
      #expect(answer.pointers == [""])
    }
  }

  @Test func refusesOtherMediaTypes() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let body = Array("{\"name\":\"a\"}".utf8)
      for type in [
        "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; charset=latin1", "",
      ] {
        let answer = try await api.send(
          .post, "/subscription-keys", as: owner, bytes: body, headers: [.contentType: type])
        #expect(answer.status == 415, "\(type)")
        #expect(answer.code == "unsupported_media_type")
      }
      #expect(try await api.send(.post, "/subscription-keys", as: owner, bytes: body).status == 415)
      let merge: HTTPFields = [.contentType: "application/merge-patch+json"]
      #expect(try await api.send(.post, "/subscription-keys", as: owner, bytes: body, headers: merge).status == 415)
      let charset: HTTPFields = [.contentType: "Application/JSON; charset=UTF-8"]
      #expect(try await api.send(.post, "/subscription-keys", as: owner, bytes: body, headers: charset).status == 201)
    }
  }

  @Test func refusesABodyOverTheLimit() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let space = [UInt8](repeating: 0x20, count: 1 << 20)
      let json: HTTPFields = [.contentType: "application/json"]
      let answer = try await api.send(
        .post, "/subscription-keys", as: owner, bytes: space + Array("{}".utf8), headers: json)
      #expect(answer.status == 413)
      #expect(answer.code == "body_too_large")
      let least = Array("{\"name\":\"a\"}".utf8)
      let fitting = try await api.send(
        .post, "/subscription-keys", as: owner, bytes: space.dropLast(least.count) + least, headers: json)
      #expect(fitting.status == 201)
    }
  }

  @Test func answersUnknownPathsAndMethods() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      for path in ["/nothing", "/subscription-keys/a/b", "/subscription-keys/a/secrets/b/c", "/Me"] {
        let answer = try await api.send(.get, path, as: owner)
        #expect(answer.status == 404, "\(path)")
        #expect(answer.code == "not_found")
      }
      for (method, path, allow) in [
        (HTTPRequest.Method.put, "/subscription-keys", "POST, GET, HEAD"), (.post, "/me", "GET, HEAD"),
        (.delete, "/tenants", "POST"), (.init("PROPFIND")!, "/subscription-keys/x/secrets/y", "PATCH, DELETE"),
        (.options, "/sessions/current", "DELETE"),
      ] {
        let answer = try await api.send(method, path, as: owner)
        #expect(answer.status == 405, "\(path)")
        #expect(answer.headers[.allow] == allow)
      }
      #expect(try await api.send(.get, "/me?x=1", as: owner).pointers == ["?x"])
    }
  }

  @Test func saysTheSameOfHead() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      let answer = try await api.send(.head, "/me", as: owner)
      #expect(answer.status == 200)
      #expect(answer.text.isEmpty)
      #expect(try await api.send(.head, "/me").status == 401)
    }
  }

  @Test func putsItsHeadersOnEveryAnswer() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      var ids: Set<String> = []
      for (path, caller) in [("/me", owner), ("/me", nil), ("/nothing", nil), ("/subscription-keys/x", owner)] {
        let answer = try await api.send(.get, path, as: caller)
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(answer.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
        let id = try #require(answer.headers[HTTPField.Name("X-Request-Id")!])
        ids.insert(id)
        if answer.status != 200 {
          #expect(answer["requestId"]?.text == id)
          #expect(answer["type"]?.text == "urn:latchkey:problem:\(answer.code ?? "")")
          #expect(answer["title"]?.text?.isEmpty == false)
          #expect(answer["detail"]?.text?.isEmpty == false)
        }
      }
      #expect(ids.count == 4)
    }
  }

  @Test func isUnavailableWithoutItsDatabase() async throws {
    try await Harness.run(serverIsGone: true) { api in
      let stranger = Caller(tenant: .random(), account: .random(), token: SessionToken.random().revealed)
      let answer = try await api.send(.get, "/me", as: stranger)
      #expect(answer.status == 503)
      #expect(answer.code == "unavailable")
      #expect(answer.headers[.retryAfter] == "1")
      #expect(try await api.send(.post, "/tenants", TenantTests.draft).status == 503)
    }
  }

  @Test func tellsNothingOfWhatNobodyForesaw() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "globex")
      try await api.breakSchema()
      let answer = try await api.send(.get, "/subscription-keys", as: owner)
      #expect(answer.status == 500)
      #expect(answer.code == "internal_error")
      #expect(answer["detail"] == answer["title"])
      #expect(!answer.text.contains("subscription_keys"))
    }
  }
}

extension Harness {
  /// Takes a table away from under the API.
  fileprivate func breakSchema() async throws {
    try await database.execute(
      Query<Void>("test.break", "ALTER TABLE subscription_keys RENAME TO lost_subscription_keys"))
  }
}
