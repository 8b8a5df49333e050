import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct DeploymentTests {
  @Test func releasesReplacesAndRollsBack() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.group(of: owner)
      _ = try await api.api(of: owner, in: group)
      for version in ["0.0.1", "0.0.2"] { _ = try await api.revision(version, of: group, as: owner) }
      var first = Answer?.none
      let wakes = try await api.wakes {
        first = try await api.release("0.0.1", of: group, as: owner)
        _ = try await api.release("0.0.2", of: group, as: owner)
        _ = try await api.release("0.0.1", of: group, as: owner)
        _ = try await api.release("0.0.2", of: group, to: "test", as: owner)
      }
      #expect(wakes == 4)
      #expect(first?.status == 201)
      #expect(
        first?.json?.memberNames == [
          "id", "revisionId", "version", "environment", "backend", "state", "createdAt", "endedAt",
        ])
      #expect(first?["backend"] == ["type": "http", "url": "http://backend.example:9000/base", "headers": []])
      #expect(first?["state"]?.text == "live")
      #expect(first?["endedAt"] == .null)

      let history = try await api.send(.get, "/api-groups/\(group)/deployments", as: owner)
      #expect(history.items.map { $0["version"]?.text } == ["0.0.2", "0.0.1", "0.0.2", "0.0.1"])
      #expect(history.items.map { $0["state"]?.text } == ["live", "live", "ended", "ended"])
      #expect(history.items.map { $0["endedAt"] == .null } == [true, true, false, false])
      let online = try await api.send(.get, "/api-groups/\(group)/deployments?environment=online&limit=1", as: owner)
      #expect(online.items == [history.items[1]])
      let cursor = try #require(online["nextCursor"]?.text)
      let rest = try await api.send(
        .get, "/api-groups/\(group)/deployments?environment=online&cursor=\(cursor)", as: owner)
      #expect(rest.items == Array(history.items[2...]))

      let shown = try await api.send(.get, "/api-groups/\(group)", as: owner)
      #expect(shown.environment("online")?["version"]?.text == "0.0.1")
      #expect(shown.environment("online")?["deploymentId"] == history.items[1]["id"])
      #expect(shown.environment("test")?["version"]?.text == "0.0.2")
      #expect(shown.environment("preview")?["version"] == .null)
    }
  }

  @Test func takesOfflineWhatIsLive() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.liveGroup(of: owner))"
      let tag = try await api.send(.get, group, as: owner).headers[.eTag]
      var taken = Answer?.none
      let wakes = try await api.wakes {
        taken = try await api.send(.delete, group + "/deployments/online", as: owner)
      }
      #expect(taken?.status == 204)
      #expect(wakes == 1)
      let shown = try await api.send(.get, group, as: owner)
      #expect(shown.environment("online")?["version"] == .null)
      #expect(shown.headers[.eTag] != tag)
      #expect(try await api.send(.get, group + "/deployments", as: owner).items.map { $0["state"]?.text } == ["ended"])
      for environment in ["online", "test", "production", "ONLINE"] {
        let answer = try await api.send(.delete, "\(group)/deployments/\(environment)", as: owner)
        #expect(answer.status == 404, "\(environment)")
      }
      #expect(try await api.send(.get, group, as: owner).headers[.eTag] == shown.headers[.eTag])
    }
  }

  @Test func releasesAMockAsGiven() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      for text in awkwardTexts + ["", String(repeating: "x", count: 65_536)] {
        let backend: JSONValue = [
          "type": "mock", "status": 201, "headers": ["Content-Type": "text/plain; a=\"b\"", "X-Empty": ""],
          "body": .string(text),
        ]
        let released = try await api.release(of: group, as: owner, backend: backend)
        #expect(released.status == 201)
        let listed = try await api.send(.get, "/api-groups/\(group)/deployments?limit=1", as: owner).items.first
        #expect(listed?["backend"] == backend)
        let scalars = listed?["backend"]?["body"]?.text?.unicodeScalars
        #expect(scalars?.elementsEqual(text.unicodeScalars) == true)
      }
    }
  }

  @Test func refusesAnUnknownVersionAndChangesNothing() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let (group, other) = (try await api.liveGroup(of: owner), try await api.group(of: owner, prefix: "other"))
      _ = try await api.api(of: owner, in: other)
      _ = try await api.revision("7.7.7", of: other, as: owner)
      let before = try await api.send(.get, "/api-groups/\(group)", as: owner)
      for version in ["0.0.2", "7.7.7"] {
        let answer = try await api.release(version, of: group, as: owner)
        #expect(answer.status == 422)
        #expect(answer.pointers == ["/version"])
      }
      let after = try await api.send(.get, "/api-groups/\(group)", as: owner)
      #expect(after.json == before.json)
      #expect(after.headers[.eTag] == before.headers[.eTag])
    }
  }

  @Test func keepsOneLiveUnderManyReleasesAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let statuses = try await withThrowingTaskGroup { tasks in
        for number in 0..<24 {
          tasks.addTask {
            if number % 6 == 5 {
              return try await api.send(.delete, "/api-groups/\(group)/deployments/online", as: owner).status
            }
            return try await api.release(of: group, as: owner).status
          }
        }
        return try await tasks.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect(statuses.isSubset(of: [201, 204, 404]))
      let history = try await api.send(.get, "/api-groups/\(group)/deployments?limit=200", as: owner).items
      #expect(history.count == 21)
      // In the order of the history each ended before the next began; only the newest may be live.
      #expect(history.dropFirst().allSatisfy { $0["state"]?.text == "ended" })
      for (newer, older) in zip(history, history.dropFirst()) {
        let (ended, began) = (older["endedAt"]?.text ?? "", newer["createdAt"]?.text ?? "")
        #expect(try #require(RFC3339.date(ended)) <= #require(RFC3339.date(began)))
      }
    }
  }

  private static let badBackends: [(JSONValue, [String])] = [
    (.null, ["/backend"]), ("http://a.example", ["/backend"]), ([:], ["/backend/type"]),
    (["type": "ftp"], ["/backend/type"]), (["type": 1, "url": "http://a.example"], ["/backend/type"]),
    (["type": "http"], ["/backend/url"]), (["type": "http", "url": .null], ["/backend/url"]),
    (["type": "http", "url": "http://a.example", "status": 200], ["/backend/status"]),
    (["type": "mock"], ["/backend/status", "/backend/headers", "/backend/body"]),
    (["type": "mock", "status": 199, "headers": [:], "body": ""], ["/backend/status"]),
    (["type": "mock", "status": 600, "headers": [:], "body": ""], ["/backend/status"]),
    (
      ["type": "mock", "status": "200", "headers": [], "body": 1],
      ["/backend/status", "/backend/headers", "/backend/body"]
    ),
    (["type": "mock", "status": 204, "headers": [:], "body": "x"], ["/backend/body"]),
    (["type": "mock", "status": 200, "headers": [:], "body": "a\u{0}b"], ["/backend/body"]),
    (
      ["type": "mock", "status": 200, "headers": [:], "body": .string(String(repeating: "é", count: 32_769))],
      ["/backend/body"]
    ),
    (["type": "mock", "status": 200, "headers": ["A": "b", "a": "c"], "body": ""], ["/backend/headers/a"]),
    (["type": "mock", "status": 200, "headers": ["A": 1], "body": ""], ["/backend/headers/A"]),
    (["type": "mock", "status": 200, "headers": ["A": "b\r\nC: d"], "body": ""], ["/backend/headers/A"]),
    (["type": "mock", "status": 200, "headers": ["A": " b"], "body": ""], ["/backend/headers/A"]),
    (["type": "mock", "status": 200, "headers": ["A": "é"], "body": ""], ["/backend/headers/A"]),
    (["type": "mock", "status": 200, "headers": ["a/b": "c"], "body": ""], ["/backend/headers/a~1b"]),
    (["type": "mock", "status": 200, "headers": ["": "c"], "body": ""], ["/backend/headers/"]),
  ]

  private static let badURLs: [String] = [
    "", "a.example", "ftp://a.example", "file:///etc/passwd", "http://", "http://u@a.example", "http://u:p@a.example",
    "http://a.example?x=1", "http://a.example/#f", "http://a.example/\u{0}", "http://a.example/\r\nX: y",
    "http://a.example/a b", "http://a.example:0", "http://a.example:65536", "http://a.example/../b",
    "http://a.example//b", "http://a.example\\b", "http://é.example", "javascript:alert(1)", "http://[::1",
    "http://a.example/" + String(repeating: "a", count: 2048),
  ]

  private static let badMockHeaders = [
    "Content-Length", "transfer-encoding", "Connection", "Keep-Alive", "Upgrade", "Trailer", "TE", "Date", "Set-Cookie",
    "set_cookie", "X-Latchkey-Tenant", "X-Request-Id", "Clear-Site-Data", "Proxy-Authenticate",
  ]

  @Test func refusesABadBackendByItsMember() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      var cases = Self.badBackends
      cases += Self.badURLs.map { (["type": "http", "url": .string($0)], ["/backend/url"]) }
      cases += Self.badMockHeaders.map { name in
        let headers = JSONValue.object([.init(name, "x")])
        return (["type": "mock", "status": 200, "headers": headers, "body": ""], ["/backend/headers/\(name)"])
      }
      for (backend, pointers) in cases {
        let answer = try await api.release(of: group, as: owner, backend: backend)
        #expect(answer.status == 422, "\(backend)")
        #expect(answer.pointers == pointers, "\(backend)")
      }
      for (member, value) in [("version", JSONValue.string("1")), ("environment", "production"), ("group", "x")] {
        let release: JSONValue = [
          "version": "0.0.1", "environment": "online", "backend": ["type": "http", "url": "http://a.example"],
        ]
        guard case .object(let good) = release else { return }
        let bad = good.filter { $0.name != member } + [.init(member, value)]
        let answer = try await api.send(.post, "/api-groups/\(group)/deployments", as: owner, .object(bad))
        #expect(answer.status == 422)
        #expect(answer.pointers == ["/\(member)"])
      }
      #expect(try await api.send(.get, "/api-groups/\(group)/deployments", as: owner).items.count == 1)
    }
  }

  @Test(arguments: [
    "http://backend.example", "https://backend.example:8443/a/b/", "HTTP://Backend.Example/%20", "http://127.0.0.1:9",
    "http://[::1]:9/x", "http://echo_backend:80",
  ])
  func keepsABackendURLAsGiven(url: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = try await api.liveGroup(of: owner)
      let answer = try await api.release(of: group, as: owner, backend: ["type": "http", "url": .string(url)])
      #expect(answer.status == 201)
      #expect(answer["backend"]?["url"]?.text == url)
    }
  }
}
