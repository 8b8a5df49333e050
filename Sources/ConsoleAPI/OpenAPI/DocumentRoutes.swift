import Contract
import HTTPTypes

extension ConsoleAPI {
  static let documentRoutes: [Route] = [
    .open(
      .get, "/openapi.json", "getDocument", "Shows this document.", "It is made of the routes that serve the API.",
      takes: .nothing, gives: .ok(.document)
    ) { _, _ in
      document
    }
  ]

  /// Made once.
  private static let document = OpenAPIDocument.json(of: routes)
}

extension Shape where Value == JSONValue {
  /// An OpenAPI document, of which its own specification says what it may have.
  fileprivate static var document: Shape<JSONValue> {
    Shape(.keywords([.init("type", "object"), .init("examples", [example])])) { json, _ in
      json
    } write: {
      $0
    }
  }

  private static var example: JSONValue {
    ["openapi": "3.1.0", "info": ["title": "Latchkey console", "version": "1"], "paths": [:]]
  }
}
