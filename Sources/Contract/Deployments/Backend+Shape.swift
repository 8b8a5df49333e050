import Model

extension Shape where Value == Backend {
  /// A backend in an answer: of its own headers the names.
  static var backend: Shape {
    let http = Shape<HTTPParts<BackendHeaderName>>.answer(
      "HTTPBackend", .type("http"),
      .required("url", \.url, .text, "Where calls are forwarded to, the API's path behind it."),
      .required(
        "headers", \.headers, .array(of: .shownHeader, count: 0...BackendHeader.maximumCount),
        "The names of the headers that it is sent besides.")
    ) { HTTPParts(url: $1, headers: $2) }
    return Shape<BackendParts>.parts(
      http: http, mock: .answer("MockBackend", .type("mock"), .status, .headers, .body, make: mock)
    )
    .map { parts in
      switch parts {
      case .http(let http): .http(http.url, headers: http.headers)
      case .mock(let response): .mock(response)
      }
    } from: { backend in
      switch backend {
      case .http(let url, let headers): .http(HTTPParts(url: url, headers: headers))
      case .mock(let response): .mock(response)
      }
    }
  }
}

extension Shape where Value == GivenBackend {
  /// A backend in a request, its own headers with their values.
  static var givenBackend: Shape {
    let http = Shape<HTTPParts<BackendHeader>>.request(
      "GivenHTTPBackend", .type("http"),
      .required("url", \.url, .text, "Where calls are forwarded to, the API's path behind it."),
      .optional(
        "headers", \.givenHeaders, .givenHeaders,
        "Secret headers by which the backend knows the gateway; they are kept sealed.")
    ) { HTTPParts(url: $1, headers: $2 ?? []) }
    return Shape<BackendParts>.parts(
      http: http, mock: .request("GivenMockBackend", .type("mock"), .status, .headers, .body, make: mock)
    )
    .map { parts in
      switch parts {
      case .http(let http): GivenBackend(.http(http.url, headers: http.headers.map(\.name)), headers: http.headers)
      case .mock(let response): GivenBackend(.mock(response))
      }
    } from: { given in
      switch given.backend {
      case .http(let url, _): .http(HTTPParts(url: url, headers: given.headers))
      case .mock(let response): .mock(response)
      }
    }
  }
}

/// A backend as a release gives it.
struct GivenBackend: Sendable {
  let backend: Backend
  let headers: [BackendHeader]

  init(_ backend: Backend, headers: [BackendHeader] = []) {
    (self.backend, self.headers) = (backend, headers)
  }
}

/// What a backend's object has, with `Header` for each of its own headers.
private enum BackendParts<Header: Sendable>: Sendable {
  case http(HTTPParts<Header>)
  case mock(MockResponse)
}

private struct HTTPParts<Header: Sendable>: Sendable {
  let url: BackendURL
  let headers: [Header]

  var givenHeaders: [Header]? { headers }
}

extension Shape {
  /// One of the two, which its `type` tells.
  fileprivate static func parts<Header>(http: Shape<HTTPParts<Header>>, mock: Shape<MockResponse>) -> Shape
  where Value == BackendParts<Header> {
    Shape(.oneOf([http.schema, mock.schema])) { json, reading in
      guard case .object = json else { return reading.refuse("must be an object") }
      switch json["type"] {
      case "http": return http.read(json, &reading).map(BackendParts.http)
      case "mock":
        guard let response = mock.read(json, &reading) else { return nil }
        return response.isPossible(&reading) ? .mock(response) : nil
      case nil: return reading.descend(into: "type") { $0.refuse("is missing") }
      default: return reading.descend(into: "type") { $0.refuse("must be one of http, mock") }
      }
    } write: { parts in
      switch parts {
      case .http(let parts): http.write(parts)
      case .mock(let response): mock.write(response)
      }
    }
  }
}

extension MockResponse {
  /// Whether its parts go together; complains where they do not.
  fileprivate func isPossible(_ reading: inout Reading) -> Bool {
    guard Self.isBodyless(status), !body.isEmpty else { return true }
    reading.descend(into: "body") { let _: Void? = $0.refuse("must be empty with status \(status)") }
    return false
  }
}

/// Makes a mock of the members that both of its shapes have.
private let mock: @Sendable (Void, Int, [MockResponse.Header], String) -> MockResponse = {
  MockResponse(status: $1, headers: $2, body: $3)
}

extension Member where Value == Void {
  /// The word by which one of several objects is known.
  fileprivate static func type(_ word: String) -> Member {
    let schema = JSONSchema.keywords([.init("type", "string"), .init("enum", [.string(word)])])
    let note = MemberNote("Which kind of backend it is.")
    return Member(name: "type", schema: schema, isRequired: true, note: note) { given, reading in
      given == .string(word) ? () : reading.refuse("must be \(word)")
    } write: { _ in
      .string(word)
    }
  }
}

extension Member<MockResponse, Int> {
  fileprivate static var status: Member {
    .required("status", \.status, .integer(MockResponse.statuses), "The status of each answer.", example: .integer(200))
  }
}

private let exampleHeaders: JSONValue = ["Content-Type": "application/json"]

extension Member<MockResponse, [MockResponse.Header]> {
  fileprivate static var headers: Member {
    .required(
      "headers", \.headers, .mockHeaders, "Its headers.", example: .json(exampleHeaders))
  }
}

extension Member<MockResponse, String> {
  fileprivate static var body: Member {
    .required("body", \.body, .mockBody, "Its body.", example: .string(#"{"orderId": "1001"}"#))
  }
}
