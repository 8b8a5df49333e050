import Contract
import Testing

/// Documents with the operations of the well-known pet store, in each version and both notations: its paths and methods
/// are facts, the words are ours.
enum PetStore {
  struct Document: Sendable, CustomTestStringConvertible {
    let version: String
    let mediaType: String
    let text: String
    let operations: [String]

    var testDescription: String { "\(version) \(mediaType)" }
  }

  static let documents: [Document] = [
    Document(version: "2.0", mediaType: "application/json", text: json(swagger), operations: operations),
    Document(version: "2.0", mediaType: "application/yaml", text: yaml(swagger), operations: operations),
    Document(version: "3.0.4", mediaType: "application/json", text: json(openAPI("3.0.4")), operations: operations),
    Document(version: "3.0.4", mediaType: "text/yaml", text: yaml(openAPI("3.0.4")), operations: operations),
    Document(
      version: "3.1.0", mediaType: "application/openapi+json", text: json(openAPI("3.1.0")), operations: operations),
    Document(
      version: "3.1.0", mediaType: "application/vnd.oai.openapi;version=3.1", text: yaml(openAPI("3.1.0")),
      operations: operations),
  ]

  static let operations = table.map { "\($0.method.uppercased()) \($0.path)" }

  private static let table: [(method: String, path: String, id: String)] = [
    ("post", "/pet", "addPet"), ("put", "/pet", "updatePet"), ("get", "/pet/findByStatus", "findPetsByStatus"),
    ("get", "/pet/findByTags", "findPetsByTags"), ("get", "/pet/{petId}", "getPetById"),
    ("post", "/pet/{petId}", "updatePetWithForm"), ("delete", "/pet/{petId}", "deletePet"),
    ("post", "/pet/{petId}/uploadImage", "uploadFile"), ("get", "/store/inventory", "getInventory"),
    ("post", "/store/order", "placeOrder"), ("get", "/store/order/{orderId}", "getOrderById"),
    ("delete", "/store/order/{orderId}", "deleteOrder"), ("post", "/user", "createUser"),
    ("post", "/user/createWithList", "createUsersWithListInput"), ("get", "/user/login", "loginUser"),
    ("get", "/user/logout", "logoutUser"), ("get", "/user/{username}", "getUserByName"),
    ("put", "/user/{username}", "updateUser"), ("delete", "/user/{username}", "deleteUser"),
  ]

  private static var swagger: JSONValue {
    [
      "swagger": "2.0", "info": ["title": "Pets", "version": "1.0.7"], "host": "pets.example", "basePath": "/v2",
      "schemes": ["https"], "consumes": ["application/json"], "paths": paths(parameter: ["type": "string"]),
      "securityDefinitions": ["key": ["type": "apiKey", "name": "api_key", "in": "header"]],
      "definitions": ["Pet": ["type": "object", "required": ["name"], "properties": ["name": ["type": "string"]]]],
    ]
  }

  private static func openAPI(_ version: String) -> JSONValue {
    [
      "openapi": .string(version), "info": ["title": "Pets", "version": "1.0.27"],
      "servers": [["url": "https://pets.example/api/v3"]],
      "paths": paths(parameter: ["schema": ["type": "string"]]),
      "components": ["schemas": ["Pet": ["type": "object", "properties": ["id": ["type": "integer"]]]]],
    ]
  }

  private static func paths(parameter: JSONValue) -> JSONValue {
    var paths: [String] = []
    for row in table where !paths.contains(row.path) { paths.append(row.path) }
    return .object(
      paths.map { path in
        .init(path, .object(table.filter { $0.path == path }.map { .init($0.method, operation($0, parameter)) }))
      })
  }

  private static func operation(_ row: (method: String, path: String, id: String), _ parameter: JSONValue) -> JSONValue
  {
    guard case .object(let more) = parameter else { return .null }
    let names = row.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    let parameters = names.map { name -> JSONValue in
      .object([.init("name", .string(name)), .init("in", "path"), .init("required", true)] + more)
    }
    return [
      "tags": ["pet"], "operationId": .string(row.id),
      "summary": .string(row.id == "getPetById" ? "Finds a pet by its id: *one*" : "About \(row.id)"),
      "parameters": .array(parameters), "security": [["key": []]],
      "responses": ["200": ["description": "What was asked for"], "404": ["description": "There is none"]],
    ]
  }

  private static func json(_ document: JSONValue) -> String { String(decoding: document.bytes, as: UTF8.self) }

  /// The same in block notation, with a comment and an anchor that is referred to.
  private static func yaml(_ document: JSONValue) -> String {
    "# pets\nx-shared: &shared\n  note: \"*\"\nx-again: *shared\n" + lines(document, indent: 0)
  }

  private static func lines(_ json: JSONValue, indent: Int) -> String {
    let space = String(repeating: " ", count: indent)
    switch json {
    case .object(let members):
      return members.map { member in
        "\(space)\(key(member.name)):" + value(member.value, indent: indent + 2)
      }.joined()
    case .array(let elements): return elements.map { "\(space)-" + value($0, indent: indent + 2) }.joined()
    default: return space + self.json(json) + "\n"
    }
  }

  private static func value(_ json: JSONValue, indent: Int) -> String {
    switch json {
    case .object(let members) where !members.isEmpty: "\n" + lines(json, indent: indent)
    case .array(let elements) where !elements.isEmpty: "\n" + lines(json, indent: indent)
    case .string(let text)
    where text.allSatisfy({ $0.isLetter || "/{}. ".contains($0) }) && text.first?.isLetter == true:
      " \(text)\n"
    default: " \(self.json(json))\n"
    }
  }

  private static func key(_ name: String) -> String { name.allSatisfy(\.isNumber) ? "'\(name)'" : name }
}
