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
      "info": ["title": "Latchkey console", "version": "1"],
      "servers": [["url": "/v1"]],
      "paths": .object(paths),
      "components": [
        "schemas": .object(schemas),
        "securitySchemes": ["session": ["type": "http", "scheme": "bearer"]],
      ],
    ]
  }

  private static func inOrder(_ paths: [String]) -> [String] {
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  private static func operation(_ operation: Operation, components: inout [String: JSONValue]) -> JSONValue.Member {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(operation.id)), .init("summary", .string(operation.summary)),
      .init("security", operation.access == .signedIn ? [["session": []]] : []),
      .init("parameters", .array(parameters(operation, components: &components))),
    ]
    if let body = operation.input.body {
      let mediaTypes =
        operation.input.mediaTypes + (operation.input.takesVersion ? ["application/merge-patch+json"] : [])
      let schema = body.json(components: &components)
      members.append(
        .init(
          "requestBody",
          [
            "required": .bool(operation.input.isBodyRequired),
            "content": .object(mediaTypes.map { .init($0, ["schema": schema]) }),
          ]))
    }
    let responses = successes(operation, components: &components) + refusals(operation.problems)
    members.append(.init("responses", .object(responses)))
    return .init(operation.method.rawValue.lowercased(), .object(members))
  }

  private static func parameters(_ operation: Operation, components: inout [String: JSONValue]) -> [JSONValue] {
    var parameters: [JSONValue] = []
    for parameter in operation.path.parameters {
      let schema = parameter.schema.json(components: &components)
      parameters.append(["name": .string(parameter.name), "in": "path", "required": true, "schema": schema])
    }
    let waiting = operation.takesWait ? WaitQuery.query.schema.members ?? [] : []
    for member in (operation.input.query?.members ?? []) + waiting {
      let schema = member.schema.json(components: &components)
      parameters.append(
        ["name": .string(member.name), "in": "query", "required": .bool(member.isRequired), "schema": schema])
    }
    if operation.input.takesVersion {
      let summary: JSONValue = "The ETag of the version that is to be changed; left out, any."
      parameters.append(["name": "If-Match", "in": "header", "description": summary, "schema": ["type": "string"]])
    }
    if operation.takesIdempotencyKey {
      let summary: JSONValue =
        "Makes it safe to try again for 24 hours: what was answered is repeated, and nothing done a second time."
      let schema = Shape<IdempotencyKey>.text.schema.json(components: &components)
      parameters.append(["name": "Idempotency-Key", "in": "header", "description": summary, "schema": schema])
    }
    return parameters
  }
}

extension OpenAPIDocument {
  /// What is answered when all is well: with a receipt in it, or in place of nothing, where one was asked for.
  private static func successes(
    _ operation: Operation, components: inout [String: JSONValue]
  ) -> [JSONValue.Member] {
    let output = operation.output
    let isRepeated = operation.takesIdempotencyKey
    guard let schema = output.schema else {
      guard operation.takesWait else { return [success(output, isRepeated: isRepeated, components: &components)] }
      let receipt = OutputDescription(status: .ok, schema: Receipt.shape.schema, hasVersion: false)
      return [receipt, output].map { success($0, isRepeated: isRepeated, components: &components) }
    }
    var parts = [schema]
    if operation.takesWait { parts.append(.object(receipted)) }
    if isRepeated, schema.hasWhatIsShownOnce { parts.append(.object(withoutSecrets)) }
    let whole = OutputDescription(
      status: output.status, schema: parts.count == 1 ? schema : .allOf(parts), hasVersion: output.hasVersion)
    return [success(whole, isRepeated: isRepeated, components: &components)]
  }

  private static let receipted = ObjectSchema(
    name: "Receipted", members: [.init(name: "receipt", schema: Receipt.shape.schema, isRequired: false)],
    isClosed: false)

  private static let withoutSecrets = ObjectSchema(
    name: "WithoutSecrets",
    members: [.init(name: IdempotentReplay.secretsOmitted, schema: Shape<Bool>.boolean.schema, isRequired: false)],
    isClosed: false)

  private static func success(
    _ output: OutputDescription, isRepeated: Bool, components: inout [String: JSONValue]
  ) -> JSONValue.Member {
    var headers = [header("X-Request-Id")]
    if output.hasVersion { headers.append(header("ETag")) }
    if isRepeated { headers.append(.init("Idempotent-Replayed", ["schema": ["type": "string", "enum": ["true"]]])) }
    var members: [JSONValue.Member] = [
      .init("description", .string(output.status.reasonPhrase)), .init("headers", .object(headers)),
    ]
    if let schema = output.schema?.json(components: &components) {
      members.append(.init("content", ["application/json": ["schema": schema]]))
    }
    return .init(String(output.status.code), .object(members))
  }

  /// One answer for each status, with the codes that it can have.
  private static func refusals(_ problems: [ProblemCode]) -> [JSONValue.Member] {
    Dictionary(grouping: Set(problems), by: \.status).sorted { $0.key < $1.key }.map { status, codes in
      let codes = codes.sorted { $0.rawValue < $1.rawValue }
      let narrowed: JSONValue = [
        "properties": [
          "status": ["const": .integer(status)], "code": ["enum": .array(codes.map { .string($0.rawValue) })],
        ]
      ]
      let schema: JSONValue = ["allOf": [["$ref": "#/components/schemas/Problem"], narrowed]]
      return .init(
        String(status),
        [
          "description": .string(codes.map(\.title).joined(separator: " ")),
          "headers": .object(headers(status)),
          "content": .object([.init(Problem.mediaType, ["schema": schema])]),
        ])
    }
  }

  private static func headers(_ status: Int) -> [JSONValue.Member] {
    switch status {
    case 401: [header("X-Request-Id"), header("WWW-Authenticate")]
    case 429, 503: [header("X-Request-Id"), header("Retry-After")]
    default: [header("X-Request-Id")]
    }
  }

  private static func header(_ name: String) -> JSONValue.Member {
    .init(name, ["required": true, "schema": ["type": "string"]])
  }
}
