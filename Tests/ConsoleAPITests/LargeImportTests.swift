import Contract
import HTTPTypes
import TestPostgres
import Testing

/// Documents that are large, and documents that are meant to be too much.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct LargeImportTests {
  /// Paths as a large public API has them: resources below owners and repositories, each with its own.
  private static let resources = [
    "actions/artifacts", "actions/caches", "actions/runners", "actions/secrets", "actions/variables",
    "actions/workflows", "autolinks", "branches", "check-runs", "check-suites", "code-scanning/alerts", "codespaces",
    "collaborators", "comments", "commits", "contents", "dependabot/alerts", "deployments", "environments", "events",
    "forks", "git/blobs", "git/refs", "git/tags", "git/trees", "hooks", "invitations", "issues", "keys", "labels",
    "milestones", "notifications", "pages/builds", "projects", "pulls", "releases", "releases/assets", "rulesets",
    "secret-scanning/alerts", "stargazers", "statuses", "subscribers", "tags", "topics", "traffic/clones",
    "traffic/views", "transfer", "vulnerability-alerts",
  ]

  /// 48 resources, in 3 places each with 5 operations: 720.
  private static var largeDocument: JSONValue {
    let places = ["/repos/{owner}/{repo}", "/orgs/{org}", "/user"]
    let paths = places.flatMap { place in
      resources.flatMap { resource -> [JSONValue.Member] in
        let name = resource.replacing("/", with: "-")
        func operation(_ verb: String) -> JSONValue {
          ["operationId": .string("\(name)/\(verb)\(place.count)"), "summary": .string("\(verb) of \(resource)")]
        }
        return [
          .init("\(place)/\(resource)", ["get": operation("list"), "post": operation("create")]),
          .init(
            "\(place)/\(resource)/{id}",
            ["get": operation("get"), "patch": operation("update"), "delete": operation("delete")]),
        ]
      }
    }
    return ["openapi": "3.0.3", "paths": .object(paths)]
  }

  @Test func takesALargeDocumentAtOnce() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let id = try await api.group(of: owner)
      let group = "/api-groups/\(id)"
      let answer = try await api.importing(
        Self.largeDocument.bytes, as: "application/json", into: group, by: owner)
      #expect(answer.json == ["created": 720, "updated": 0, "skipped": []])
      let revision = try await api.send(.post, group + "/revisions", as: owner, ["version": "0.0.1"])
      #expect(revision["apiCount"] == 720)
      let again = try await api.importing(
        Self.largeDocument.bytes, as: "application/json", into: group, by: owner)
      #expect(again.json == ["created": 0, "updated": 720, "skipped": []])
    }
  }

  @Test func takesSoManyOperationsAndNoMore() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      func document(_ count: Int) -> String {
        "openapi: 3.0.0\npaths:\n" + (0..<count).map { "  /resource-\($0)/{id}: {get: {}}\n" }.joined()
      }
      let more = try await api.importing(document(5_001), as: "application/yaml", into: group, by: owner)
      #expect(more.status == 422)
      #expect(more.pointers == ["/paths"])
      #expect(try await api.send(.get, group + "/apis", as: owner).items.isEmpty)
      let most = try await api.importing(document(5_000), as: "application/yaml", into: group, by: owner)
      #expect(most["created"] == 5_000, "\(most.text)")
    }
  }

  @Test func takesFourMebibytesAndNoMore() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      func document(_ size: Int) -> [UInt8] {
        let start = Array(#"{"openapi": "3.0.0", "paths": {"/a": {"get": {"description": ""#.utf8)
        let end = Array(#""}}}}"#.utf8)
        return start + [UInt8](repeating: 0x78, count: size - start.count - end.count) + end
      }
      for type in ["application/json", "application/yaml"] {
        #expect(try await api.importing(document(4 << 20), as: type, into: group, by: owner).status == 200, "\(type)")
        let more = try await api.importing(document(4 << 20 + 1), as: type, into: group, by: owner)
        #expect(more.code == "body_too_large", "\(type)")
      }
    }
  }

  /// Each level is ten of the one before: written out, 10²⁰ of them.
  private static func laughs(_ leaf: String) -> String {
    (1...20).reduce("a0: &a0 \(leaf)\n") { text, level in
      text + "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
  }

  @Test(arguments: [
    ("openapi: 3.1.0\npaths: *a20\n", 413), ("openapi: 3.1.0\npaths: {/x: *a20}\n", 413),
    ("openapi: 3.1.0\npaths: {/x: {get: {}}}\n? *a20\n: x\n", 200),
    ("openapi: 3.1.0\npaths: {/x: {get: {}}}\n*a20 : x\n*a19 : y\n", 200),
    ("openapi: 3.1.0\npaths: {/x: {get: {}}}\n? [*a20, *a20]\n: y\n", 200),
    ("openapi: 3.1.0\npaths: {/x: {<<: *a20, get: {}}}\n", 200),
    ("openapi: 3.1.0\npaths: {/x: &x {<<: *x, get: {}}}\n", 400),
    ("openapi: 3.1.0\npaths: {/x: &x {/y: *x, get: *x}}\n", 200), ("openapi: 3.1.0\npaths: &x *x\n", 400),
  ])
  func laughsAboutABillionLaughs(end: String, status: Int) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let began = ContinuousClock.now
      let answer = try await api.importing(Self.laughs("lol") + end, as: "application/yaml", into: group, by: owner)
      #expect(answer.status == status, "\(answer.text)")
      #expect(began.duration(to: .now) < .seconds(30))
    }
  }

  @Test func mergesHoweverManyThroughEachOther() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let chain = (1...90).map { "x-p\($0): &p\($0) {<<: [*p\($0 - 1)]}\n" }.joined()
      let text = "openapi: 3.1.0\nx-p0: &p0 {get: {operationId: inherited}}\n\(chain)paths: {/x: {<<: *p90, put: {}}}\n"
      let answer = try await api.importing(text, as: "application/yaml", into: group, by: owner)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer["created"] == 2)
      let apis = try await api.send(.get, "\(group)/apis", as: owner)
      #expect(Set(apis.items.compactMap { $0["name"]?.text }) == ["inherited", "PUT /x"])
    }
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "{\"a\":[", "[{"])
  func isNotNestedToDeath(opening: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      for depth in [190, 1_001, 400_000] {
        for type in ["application/json", "application/yaml"] {
          let text = String(repeating: opening, count: depth)
          let answer = try await api.importing(text, as: type, into: group, by: owner)
          #expect([400, 413, 422].contains(answer.status), "\(depth) \(type)")
        }
      }
      #expect(try await api.send(.get, group, as: owner).status == 200)
    }
  }

  @Test func followsAliasesAndMerges() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let document = """
        openapi: "3.0.0"
        x-common: &common {operationId: shared, summary: "*Not* an alias, *really"}
        x-item: &item
          get: *common
        paths:
          /a: *item
          /b:
            <<: *item
            put: {<<: *common, operationId: own, description: 'a *b*'}
        """
      let answer = try await api.importing(document, as: "application/yaml", into: group, by: owner)
      #expect(answer.status == 200, "\(answer.text)")
      let apis = try await api.send(.get, group + "/apis", as: owner).items
      let names = Set(apis.map { "\($0["path"]?.text ?? "") \($0["name"]?.text ?? "")" })
      #expect(names == ["/a shared", "/b shared", "/b own"])
      let own = apis.first { $0["name"] == "own" }
      #expect(own?["description"] == "*Not* an alias, *really\n\na *b*")
    }
  }
}
