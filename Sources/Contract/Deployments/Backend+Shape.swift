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
      case .same: preconditionFailure("an answer says what the backend is")
      }
    } from: { backend in
      switch backend {
      case .http(let url, let headers): .http(HTTPParts(url: url, headers: headers))
      case .mock(let response): .mock(response)
      }
    }
  }
}

extension Shape where Value == Deployment.GivenBackend {
  /// A backend in a request, its own headers with their values; or that of another deployment.
  static var givenBackend: Shape {
    let http = Shape<HTTPParts<BackendHeader>>.request(
      "GivenHTTPBackend", .type("http"),
      .required("url", \.url, .text, "Where calls are forwarded to, the API's path behind it."),
      .optional(
        "headers", \.givenHeaders, .givenHeaders,
        "Secret headers by which the backend knows the gateway; they are kept sealed.")
    ) { HTTPParts(url: $1, headers: $2 ?? []) }
    let same = Shape<Reference<Deployment>>.request(
      "SameBackend", .type("deployment"),
      .required(
        "deploymentId", \.self, .reference(),
        "Another deployment of the group, live or ended, whose backend it is, with its secret headers.")
    ) { $1 }
    return Shape<BackendParts>.parts(
      http: http, mock: .request("GivenMockBackend", .type("mock"), .status, .headers, .body, make: mock), same: same
    )
    .map { parts in
      switch parts {
      case .http(let http): .new(.http(http.url, headers: http.headers.map(\.name)), headers: http.headers)
      case .mock(let response): .new(.mock(response))
      case .same(let deployment): .same(as: deployment)
      }
    } from: { given in
      switch given {
      case .new(.http(let url, _), let headers): .http(HTTPParts(url: url, headers: headers))
      case .new(.mock(let response), _): .mock(response)
      case .same(let deployment): .same(deployment)
      }
    }
  }
}

/// What a backend's object has, with `Header` for each of its own headers.
private enum BackendParts<Header: Sendable>: Sendable {
  case http(HTTPParts<Header>)
  case mock(MockResponse)
  case same(Reference<Deployment>)
}

private struct HTTPParts<Header: Sendable>: Sendable {
  let url: BackendURL
  let headers: [Header]

  var givenHeaders: [Header]? { headers }
}

extension Shape {
  /// One of them, which its `type` tells; without `same`, one of two.
  fileprivate static func parts<Header>(
    http: Shape<HTTPParts<Header>>, mock: Shape<MockResponse>, same: Shape<Reference<Deployment>>? = nil
  ) -> Shape where Value == BackendParts<Header> {
    let types = ["http", "mock"] + (same == nil ? [] : ["deployment"])
    return Shape(.oneOf([http.schema, mock.schema] + (same.map { [$0.schema] } ?? []))) { json, reading in
      guard case .object = json else { return reading.refuse("must be an object") }
      switch json["type"] {
      case "http": return http.read(json, &reading).map(BackendParts.http)
      case "mock":
        guard let response = mock.read(json, &reading) else { return nil }
        return response.isPossible(&reading) ? .mock(response) : nil
      case "deployment" where same != nil: return same?.read(json, &reading).map(BackendParts.same)
      case nil: return reading.descend(into: "type") { $0.refuse("is missing") }
      default: return reading.descend(into: "type") { $0.refuse("must be one of " + types.joined(separator: ", ")) }
      }
    } write: { parts in
      switch parts {
      case .http(let parts): http.write(parts)
      case .mock(let response): mock.write(response)
      case .same(let deployment): same?.write(deployment) ?? .null
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
