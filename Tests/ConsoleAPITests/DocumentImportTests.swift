import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// OpenAPI and Swagger documents as drafts.
@Suite(.latchkey, .serialized, .timeLimit(.minutes(10)))
struct DocumentImportTests {
  @Test(arguments: PetStore.documents)
  func takesThePetStore(document: PetStore.Document) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let first = try await api.importing(document.text, as: document.mediaType, into: group, by: owner)
      #expect(first.status == 200, "\(first.text)")
      #expect(first.json == ["created": .integer(document.operations.count), "updated": 0, "skipped": []])
      let apis = try await api.send(.get, group + "/apis?limit=200", as: owner).items
      #expect(Set(apis.map(\.operation)) == Set(document.operations))
      #expect(apis.allSatisfy { $0["match"] == "exact" })
      let find = try #require(apis.first { $0.operation == "GET /pet/{petId}" })
      #expect(find["name"] == "getPetById")
      #expect(find["description"]?.text?.hasPrefix("Finds a pet by its id") == true)

      let again = try await api.importing(document.text, as: document.mediaType, into: group, by: owner)
      #expect(again.json == ["created": 0, "updated": .integer(document.operations.count), "skipped": []])
      #expect(try await api.send(.get, group + "/apis?limit=200", as: owner).items == apis)
    }
  }

  @Test func bringsADraftUpToADocument() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      for (method, path, match) in [("GET", "/a/{x}", "exact"), ("PUT", "/b", "prefix"), ("GET", "/own", "exact")] {
        let draft: JSONValue = [
          "name": "Mine", "method": .string(method), "path": .string(path), "match": .string(match),
          "description": "mine",
        ]
        #expect(try await api.send(.post, group + "/apis", as: owner, draft).status == 201)
      }
      let before = try await api.send(.get, group + "/apis", as: owner).items
      let document = """
        openapi: 3.1.0
        servers: [{url: "https://api.example/v7"}]
        paths:
          /a/{id}: {get: {operationId: readA, summary: Reads, description: All of it}}
          /b: {put: {summary: "Writes", description: B}, post: {}}
        """
      let answer = try await api.importing(document, as: "application/yaml", into: group, by: owner)
      #expect(answer.json == ["created": 1, "updated": 2, "skipped": []])
      let after = try await api.send(.get, group + "/apis", as: owner).items
      func row(_ operation: String) -> JSONValue? { after.first { $0.operation == operation } }
      #expect(row("GET /a/{id}")?["name"] == "readA")
      #expect(row("GET /a/{id}")?["description"] == "Reads\n\nAll of it")
      #expect(row("GET /a/{id}")?["id"] == before.first { $0.operation == "GET /a/{x}" }?["id"])
      #expect(row("PUT /b")?["name"] == "Writes")
      #expect(row("PUT /b")?["description"] == "B")
      #expect(row("PUT /b")?["match"] == "prefix")
      #expect(row("POST /b")?["name"] == "POST /b")
      #expect(row("POST /b")?["description"] == .null)
      #expect(row("GET /own") == before.first { $0.operation == "GET /own" })
      #expect(after.count == 4)
    }
  }

  @Test func skipsWhatItCannotTakeAndSaysWhy() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let document: JSONValue = [
        "openapi": "3.0.3",
        "paths": [
          "/ok": ["get": [:], "parameters": [], "x-note": 1, "trace": [:], "servers": [], "GET": [:]],
          "/{a}.json": ["get": [:]], "/x{a}": ["get": [:]], "/{}": ["get": [:]], "/{a}/{a}": ["get": [:]],
          "no/slash": ["get": [:]], "/é": ["get": [:], "put": [:]], "/a?b=c": ["get": [:]], "/a//b": ["get": [:]],
          "/pets/{id}": ["get": [:]], "/pets/{name}": ["get": [:], "put": [:]],
          "/ref": ["$ref": "#/components/pathItems/x", "get": [:]], "/bad": 1, "/odd": ["get": "x"], "x-paths": [:],
          "/longlonglonglong/\(String(repeating: "long", count: 500))": ["get": [:]],
        ],
      ]
      let answer = try await api.importing(document.bytes, as: "application/json", into: group, by: owner)
      #expect(answer.status == 200, "\(answer.text)")
      let skipped = answer["skipped"]?.elements ?? []
      let apis = try await api.send(.get, group + "/apis", as: owner).items
      #expect(
        Set(apis.map(\.operation)) == ["GET /ok", "GET /pets/{id}", "PUT /pets/{name}", "GET /ref"])
      #expect(
        Set(skipped.compactMap { $0["operation"]?.text?.prefix(20) }) == [
          "TRACE /ok", "GET /ok", "GET /{a}.json", "GET /x{a}", "GET /{}", "GET /{a}/{a}", "GET no/slash", "GET /é",
          "PUT /é", "GET /a?b=c", "GET /a//b", "GET /pets/{name}", "/ref", "/bad", "GET /odd", "GET /longlonglonglon",
        ])
      func reason(_ operation: String) -> String {
        skipped.first { $0["operation"]?.text == operation }?["reason"]?.text ?? ""
      }
      #expect(reason("GET /x{a}").contains("whole segment"))
      #expect(reason("GET /a?b=c").contains("query"))
      #expect(reason("GET /pets/{name}") == "takes the same calls as GET /pets/{id}")
      #expect(reason("TRACE /ok").contains("method"))
    }
  }

  @Test func refusesWhatIsNoSuchDocument() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let group = "/api-groups/\(try await api.group(of: owner))"
      let bad: [(String, String, Int, [String])] = [
        ("{}", "json", 422, ["/openapi"]), ("[]", "json", 422, [""]), ("", "json", 400, []),
        (#"{"openapi": "2.0"}"#, "json", 422, ["/openapi"]), (#"{"openapi": "3.2.0"}"#, "json", 422, ["/openapi"]),
        (#"{"openapi": "3.10.0"}"#, "json", 422, ["/openapi"]), (#"{"openapi": 3}"#, "json", 422, ["/openapi"]),
        (#"{"swagger": "1.2"}"#, "json", 422, ["/swagger"]),
        (#"{"openapi": "3.1.0", "paths": []}"#, "json", 422, ["/paths"]),
        (#"{"openapi": "3.1.0", "#, "json", 400, []), ("", "yaml", 422, [""]), ("a: [", "yaml", 400, []),
        ("a: b: c", "yaml", 400, []), ("openapi: *nobody", "yaml", 400, []), ("a: 1\na: 2", "yaml", 400, []),
        ("--- 1\n--- 2\n", "yaml", 400, []), ("openapi: 3.1.0\npaths: x", "yaml", 422, ["/paths"]),
        ("just text", "yaml", 422, [""]), ("\u{FEFF}a: \u{7}", "yaml", 400, []),
      ]
      for (text, kind, status, pointers) in bad {
        let answer = try await api.importing(text, as: "application/\(kind)", into: group, by: owner)
        #expect(answer.status == status, "\(text)")
        #expect(answer.pointers == pointers, "\(text)")
        if status == 400 { #expect(answer.code == "invalid_\(kind)", "\(text)") }
      }
      let invalid = try await api.importing([0x61, 0xFF], as: "application/yaml", into: group, by: owner)
      #expect(invalid.code == "invalid_yaml")
      for type in ["text/plain", "application/xml", "application/merge-patch+json", "application/yaml; charset=latin1"]
      {
        let answer = try await api.importing("openapi: 3.1.0", as: type, into: group, by: owner)
        #expect(answer.status == 415, "\(type)")
      }
      let empty = try await api.importing("openapi: 3.1.0", as: "text/yaml; charset=utf-8", into: group, by: owner)
      #expect(empty.json == ["created": 0, "updated": 0, "skipped": []])
      #expect(try await api.send(.get, group + "/apis", as: owner).items.isEmpty)
    }
  }

  @Test func isAdminsWorkInTheirOwnGroups() async throws {
    try await Harness.run { api in
      let (acme, globex) = (try await api.owner(of: "acme"), try await api.owner(of: "globex"))
      let group = try await api.group(of: acme)
      let absent = try await api.importing(
        "openapi: 3.1.0", as: "application/yaml", into: "/api-groups/\(ID<APIGroup>.random())", by: acme)
      #expect(absent.status == 404)
      for foreign in [group, "grp_x"] {
        let answer = try await api.importing(
          "openapi: 3.1.0", as: "application/yaml", into: "/api-groups/\(foreign)", by: globex)
        #expect(answer.comparable == absent.comparable)
      }
      for role in [Role.viewer, .developer] {
        let caller = try await api.account(role, besides: acme)
        let answer = try await api.importing(
          "openapi: 3.1.0", as: "application/yaml", into: "/api-groups/\(group)", by: caller)
        #expect(answer.code == "forbidden")
      }
    }
  }

  @Test func repeatsUnderAKey() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let path = "/api-groups/\(try await api.group(of: owner))/import"
      let headers: HTTPFields = [.contentType: "application/yaml", .idempotencyKey: "k"]
      let text = Array("openapi: 3.1.0\npaths: {/a: {get: {}}}".utf8)
      let first = try await api.send(.post, path, as: owner, bytes: text, headers: headers)
      #expect(first["created"] == 1)
      let again = try await api.send(.post, path, as: owner, bytes: text, headers: headers)
      #expect(again.isReplayed)
      #expect(again.text == first.text)
    }
  }
}

extension JSONValue {
  /// An API as people write it.
  fileprivate var operation: String { "\(self["method"]?.text ?? "") \(self["path"]?.text ?? "")" }
}

extension Harness {
  func importing(
    _ text: String, as mediaType: String, into group: String, by caller: Caller
  ) async throws -> Answer {
    try await importing(Array(text.utf8), as: mediaType, into: group, by: caller)
  }

  func importing(
    _ bytes: [UInt8], as mediaType: String, into group: String, by caller: Caller
  ) async throws -> Answer {
    try await send(.post, group + "/import", as: caller, bytes: bytes, headers: [.contentType: mediaType])
  }
}
