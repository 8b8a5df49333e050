import Model

extension Shape where Value == Backend {
  /// A backend in an answer.
  static var backend: Shape {
    backend(
      http: .answer("HTTPBackend", .type("http"), .url) { _, url in url },
      mock: .answer("MockBackend", .type("mock"), .status, .headers, .body, make: mock))
  }

  /// A backend in a request.
  static var givenBackend: Shape {
    backend(
      http: .request("GivenHTTPBackend", .type("http"), .url) { _, url in url },
      mock: .request("GivenMockBackend", .type("mock"), .status, .headers, .body, make: mock))
  }

  /// One of the two, which its `type` tells.
  private static func backend(http: Shape<BackendURL>, mock: Shape<MockResponse>) -> Shape {
    Shape(.oneOf([http.schema, mock.schema])) { json, reading in
      guard case .object = json else { return reading.refuse("must be an object") }
      switch json["type"] {
      case "http": return http.read(json, &reading).map(Backend.http)
      case "mock": return mock.read(json, &reading).flatMap { checked($0, &reading) }
      case nil: return reading.descend(into: "type") { $0.refuse("is missing") }
      default: return reading.descend(into: "type") { $0.refuse("must be one of http, mock") }
      }
    } write: { backend in
      switch backend {
      case .http(let url): http.write(url)
      case .mock(let response): mock.write(response)
      }
    }
  }

  private static func checked(_ response: MockResponse, _ reading: inout Reading) -> Backend? {
    guard !MockResponse.isBodyless(response.status) || response.body.isEmpty else {
      return reading.descend(into: "body") { $0.refuse("must be empty with status \(response.status)") }
    }
    return .mock(response)
  }

  private static var mock: @Sendable (Void, Int, [MockResponse.Header], String) -> MockResponse {
    { _, status, headers, body in MockResponse(status: status, headers: headers, body: body) }
  }
}

extension Member where Value == Void {
  /// The word by which one of several objects is known.
  fileprivate static func type(_ word: String) -> Member {
    let schema = JSONSchema.keywords([.init("type", "string"), .init("enum", [.string(word)])])
    return Member(name: "type", schema: schema, isRequired: true) { given, reading in
      given == .string(word) ? () : reading.refuse("must be \(word)")
    } write: { _ in
      .string(word)
    }
  }
}

extension Member<BackendURL, BackendURL> {
  fileprivate static var url: Member { .required("url", \.self, .text) }
}

extension Member<MockResponse, Int> {
  fileprivate static var status: Member { .required("status", \.status, .integer(MockResponse.statuses)) }
}

extension Member<MockResponse, [MockResponse.Header]> {
  fileprivate static var headers: Member { .required("headers", \.headers, .mockHeaders) }
}

extension Member<MockResponse, String> {
  fileprivate static var body: Member { .required("body", \.body, .mockBody) }
}
