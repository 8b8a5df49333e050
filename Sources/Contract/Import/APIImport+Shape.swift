package import Model

extension APIImport.Outcome {
  package static let shape = Shape<APIImport.Outcome>.answer(
    "ImportOutcome",
    .required(
      "created", \.created, .integer(0...APIImport.maximumOperations), "How many APIs are new.", example: .integer(18)),
    .required(
      "updated", \.updated, .integer(0...APIImport.maximumOperations),
      "How many there were, and are as the document has them now.",
      example: .integer(1)),
    .required("skipped", \.skipped, .array(of: APIImport.Skipped.shape), "What was not taken, and why.")
  ) { APIImport.Outcome(created: $0, updated: $1, skipped: $2) }
}

extension APIImport.Skipped {
  package static let shape = Shape<APIImport.Skipped>.answer(
    "SkippedOperation",
    .required("operation", \.operation, .string(0...1_100), "Its method and path.", example: .string("TRACE /orders")),
    .required(
      "reason", \.reason, .string(1...500), "Why it was not taken.", example: .string("there is no such method here"))
  ) { APIImport.Skipped(operation: $0, reason: $1) }
}

extension Shape where Value == APIImport {
  /// A document by which others describe their API: OpenAPI 3.0 or 3.1, or Swagger 2.0.
  ///
  /// Of it are read `paths`: of each operation its method and path, and what it is called. `servers`, `host` and
  /// `basePath` say where the backend is, which a release says here.
  package static var openAPIDocument: Shape {
    Shape(
      .oneOf([
        document("openapi", "3.1.0", ["pattern": #"^3\.[01](\.|$)"#]), document("swagger", "2.0", ["enum": ["2.0"]]),
      ])
    ) {
      json, reading in
      guard case .object = json else { return reading.refuse("must be an OpenAPI or Swagger document") }
      guard hasKnownVersion(json, &reading) else { return nil }
      return reading.descend(into: "paths") { reading in
        switch json["paths"] {
        case .object(let paths): PathsReader.read(paths, &reading)
        case nil, .null: APIImport(apis: [], skipped: [])
        default: reading.refuse("must be an object")
        }
      }
    } write: { _ in
      [:]
    }
  }
}

/// What the examples of a document have besides their version.
private let examplePaths: [JSONValue.Member] = [
  .init("info", ["title": "Orders", "version": "1.0.0"]),
  .init(
    "paths",
    [
      "/orders/{orderId}": [
        "get": [
          "operationId": "getOrder", "summary": "Shows an order.",
          "parameters": [["name": "orderId", "in": "path", "required": true, "schema": ["type": "string"]]],
          "responses": ["200": ["description": "The order."]],
        ]
      ]
    ]),
]

/// A document that says its version in one member.
private func document(_ member: String, _ example: JSONValue, _ version: JSONValue) -> JSONSchema {
  guard case .object(let keywords) = version else { return .keywords([]) }
  let note = JSONValue.Member("description", "The version of its format.")
  return .keywords([
    .init("type", "object"), .init("required", [.string(member)]),
    .init("properties", .object([.init(member, .object([.init("type", "string"), note] + keywords))])),
    .init("examples", [.object([.init(member, example)] + examplePaths)]),
  ])
}

/// Whether a document says that it has a version that is read here; complains if not.
private func hasKnownVersion(_ document: JSONValue, _ reading: inout Reading) -> Bool {
  func refuse(_ member: String, _ complaint: String) -> Bool {
    reading.descend(into: member) { let _: Void? = $0.refuse(complaint) }
    return false
  }
  if let version = document["openapi"] {
    let isKnown = ["3.0", "3.1"].contains { version.text == $0 || version.text?.hasPrefix($0 + ".") == true }
    return isKnown || refuse("openapi", "must be 3.0 or 3.1")
  }
  guard let version = document["swagger"] else { return refuse("openapi", "is missing, and so is swagger") }
  return version == "2.0" || version == .number("2.0") || refuse("swagger", "must be 2.0")
}
