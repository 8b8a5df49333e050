import Contract
import HTTPTypes
import Model
import Postgres
import TestPostgres
import Testing

/// Two APIs of a draft that take the same calls.
@Suite(.latchkey, .serialized)
struct APIClashTests {
  private static func draft(_ method: String, _ path: String, _ match: String = "exact") -> JSONValue {
    ["name": .string("The \(method) one"), "method": .string(method), "path": .string(path), "match": .string(match)]
  }

  @Test func refusesOneAndNamesTheOther() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      let first = try await api.send(.post, apis, as: owner, Self.draft("GET", "/pets/{id}/toys/{toy}"))
      let answer = try await api.send(.post, apis, as: owner, Self.draft("GET", "/pets/{petId}/toys/{id}"))
      #expect(answer.status == 409)
      #expect(answer.code == "api_exists")
      #expect(answer.pointers == ["/path"])
      for part in [first.id, "GET /pets/{id}/toys/{toy}", "The GET one"] {
        #expect(answer["detail"]?.text?.contains(part) == true, "\(part)")
      }
      let other = try await api.send(.post, apis, as: owner, Self.draft("PUT", "/pets/{a}/toys/{b}"))
      let moved = try await api.send(.patch, "\(apis)/\(other.id)", as: owner, ["method": "GET"])
      #expect(moved.status == 409)
      #expect(moved.code == "api_exists")
      #expect(moved["detail"]?.text?.contains(first.id) == true)
      let renamed = try await api.send(.patch, "\(apis)/\(first.id)", as: owner, ["path": "/pets/{x}/toys/{y}"])
      #expect(renamed.status == 200)
    }
  }

  /// What is shadowed in part or as a whole by an exacter one has its place.
  @Test func takesWhatIsShadowed() async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      for (method, path, match) in [
        ("GET", "/{a}", "exact"), ("ANY", "/{a}", "exact"), ("HEAD", "/{a}", "exact"), ("GET", "/a", "exact"),
        ("GET", "/{a}", "prefix"), ("GET", "/{a}/", "exact"), ("GET", "/{a}/", "prefix"), ("GET", "/a/{b}", "exact"),
        ("GET", "/{a}/b", "exact"), ("GET", "/", "exact"), ("GET", "/", "prefix"),
      ] {
        #expect(try await api.send(.post, apis, as: owner, Self.draft(method, path, match)).status == 201, "\(path)")
      }
    }
  }

  @Test func makesOneOfManyAtOnce() async throws {
    try await Harness.run(sendsAtOnce: true) { api in
      let owner = try await api.owner(of: "acme")
      let apis = "/api-groups/\(try await api.group(of: owner))/apis"
      let statuses = try await withThrowingTaskGroup { tasks in
        for number in 0..<8 {
          tasks.addTask { try await api.send(.post, apis, as: owner, Self.draft("GET", "/{p\(number)}")).status }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }.sorted()
      }
      #expect(statuses == [201] + Array(repeating: 409, count: 7))
    }
  }

  @Test(arguments: [
    "/{}", "/{a", "/a}", "/{a b}", "/{a}b", "/{a}{b}", "/{{a}}", "/{a}/x/{a}", "/{é}", "/{a.b}", "/a{", "/%7Ba%7D{b}",
    "/{a}/{b}/{a}", "//{a}", "{a}", "/{a}?x", "/{a:[0-9]+}", "/{*rest}",
  ])
  func refusesABadTemplate(path: String) async throws {
    try await Harness.run { api in
      let owner = try await api.owner(of: "acme")
      let answer = try await api.send(
        .post, "/api-groups/\(try await api.group(of: owner))/apis", as: owner, Self.draft("GET", path))
      #expect(answer.status == 422)
      #expect(answer.pointers == ["/path"])
    }
  }

  /// The database's notion of a path's shape is the model's.
  @Test func isTheSameInTheDatabase() async throws {
    let paths = ["/", "/a", "/a/", "/{a}", "/{a}/{b-1}/", "/%20/{_}", "/$&'()*+,;=:@!~-._/{X}/x"]
    let shapes = try await TestDatabase.current.withPool(user: "latchkey_console") { pool in
      try await pool.all(
        Query<String>(
          "test.shapes", "SELECT api_shape(p) FROM unnest(\(paths)) WITH ORDINALITY AS given (p, n) ORDER BY n"))
    }
    #expect(shapes == paths.map { APIPath($0)!.shape })
  }
}
