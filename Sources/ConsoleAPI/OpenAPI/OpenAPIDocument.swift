import Contract
import HTTPTypes
import Model

/// The API as OpenAPI 3.1, made of the routes that serve it.
enum OpenAPIDocument {
  /// The document of these routes.
  static func json(of routes: [Route]) -> JSONValue {
    var components: [String: JSONValue] = [:]
    _ = Problem.shape.schema.json(components: &components)
    var paths: [JSONValue.Member] = []
    for path in inOrder(routes.map(\.operation.path.template)) {
      let operations = routes.map(\.operation).filter { $0.path.template == path }
      paths.append(.init(path, .object(operations.map { operation($0, components: &components) })))
    }
    let schemas = components.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
    return [
      "openapi": "3.1.0",
      "info": ["title": "Latchkey console", "version": "1", "description": .string(introduction)],
      "servers": [["url": "/v1", "description": "This installation's console."]],
      "tags": .array(Tag.allCases.map { ["name": .string($0.rawValue), "description": .string($0.about)] }),
      "paths": .object(paths),
      "components": [
        "schemas": .object(schemas),
        "headers": .object(AnswerHeader.components),
        "securitySchemes": [
          "session": [
            "type": "http", "scheme": "bearer",
            "description": "The token of a session (`ses_…`) or the value of an access token (`lkt_…`).",
          ]
        ],
      ],
    ]
  }

  private static let introduction = """
    Times are RFC 3339 in UTC. Requests may have the members that are described here and no others; answers may get more, \
    which clients ignore. What one tenant has is to every other as if it were not there: 404 in a path, 422 in a body.
    """

  private static func inOrder(_ paths: [String]) -> [String] {
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  private static func operation(_ operation: Operation, components: inout [String: JSONValue]) -> JSONValue.Member {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(operation.id)), .init("summary", .string(operation.summary)),
      .init("description", .string(operation.about)),
      .init("tags", .array(Tag(of: operation.path).map { [.string($0.rawValue)] } ?? [])),
      .init("security", operation.permission != nil ? [["session": []]] : []),
      .init("parameters", .array(parameters(operation, components: &components))),
    ]
    if let body = requestBody(operation.input, components: &components) { members.append(.init("requestBody", body)) }
    members.append(.init("responses", .object(responses(operation, components: &components))))
    return .init(operation.method.rawValue.lowercased(), .object(members))
  }

  private static func requestBody(_ input: InputDescription, components: inout [String: JSONValue]) -> JSONValue? {
    guard let body = input.body else { return nil }
    let mediaTypes = input.mediaTypes + (input.takesVersion ? ["application/merge-patch+json"] : [])
    let content: JSONValue = [
      "schema": body.json(components: &components), "examples": .object(examples(body.examples)),
    ]
    return ["required": .bool(input.isBodyRequired), "content": .object(mediaTypes.map { .init($0, content) })]
  }

  /// Examples under names that tell them apart: their kind, if they have one, else their number.
  static func examples(_ values: [JSONValue]) -> [JSONValue.Member] {
    zip(1..., values).map { number, value in
      let kind = value["backend"]?["type"]?.text ?? (number == 1 ? "usual" : "other\(number)")
      return .init(kind, ["value": value])
    }
  }
}

extension OpenAPIDocument {
  private static func parameters(_ operation: Operation, components: inout [String: JSONValue]) -> [JSONValue] {
    var parameters: [JSONValue] = []
    for parameter in operation.path.parameters {
      let member = ObjectSchema.Member(
        name: parameter.name, schema: parameter.schema, isRequired: true, note: MemberNote(parameter.about))
      parameters.append(json(of: member, in: "path", components: &components))
    }
    let waiting = operation.takesWait ? WaitQuery.query.schema.members ?? [] : []
    let trying = operation.takesDryRun ? DryRunQuery.query.schema.members ?? [] : []
    for member in (operation.input.query?.members ?? []) + waiting + trying {
      parameters.append(json(of: member, in: "query", components: &components))
    }
    if operation.input.takesVersion { parameters.append(ifMatch) }
    if operation.takesIdempotencyKey {
      let note = MemberNote(
        "Makes it safe to try again for 24 hours: what was answered is repeated, and nothing done a second time.")
      let member = ObjectSchema.Member(
        name: "Idempotency-Key", schema: Shape<IdempotencyKey>.text.schema, isRequired: false, note: note)
      parameters.append(json(of: member, in: "header", components: &components))
    }
    return parameters
  }

  private static func json(
    of member: ObjectSchema.Member, in place: String, components: inout [String: JSONValue]
  ) -> JSONValue {
    var keywords: [JSONValue.Member] = [
      .init("name", .string(member.name)), .init("in", .string(place)), .init("required", .bool(member.isRequired)),
      .init("description", .string(member.note.about)), .init("schema", member.schema.json(components: &components)),
    ]
    if let example = member.example { keywords.append(.init("example", example)) }
    return .object(keywords)
  }

  private static let ifMatch: JSONValue = [
    "name": "If-Match", "in": "header", "required": false,
    "description": "The `ETag` of the version that is to be changed; left out, any.",
    "schema": ["type": "string"], "example": .string(AnswerHeader.exampleTag),
  ]
}
