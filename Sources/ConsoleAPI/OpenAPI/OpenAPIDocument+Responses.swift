import Contract
import HTTPTypes
import Model

extension OpenAPIDocument {
  /// Every answer of an operation, by status.
  static func responses(_ operation: Operation, components: inout [String: JSONValue]) -> [JSONValue.Member] {
    successes(operation, components: &components) + refusals(operation)
  }

  /// What is answered when all is well: with a receipt in it, or in place of nothing, where one was asked for; what was
  /// found where it was only tried.
  private static func successes(
    _ operation: Operation, components: inout [String: JSONValue]
  ) -> [JSONValue.Member] {
    let output = operation.output
    let isRepeated = operation.takesIdempotencyKey
    guard let schema = output.schema else {
      var besides = operation.takesWait ? [Receipt.shape.schema] : []
      if operation.takesDryRun { besides.append(DryRun.shape.schema) }
      let nothing = success(output, [], isRepeated: isRepeated, components: &components)
      guard let first = besides.first else { return [nothing] }
      let other = OutputDescription(
        status: .ok, schema: besides.count == 1 ? first : .oneOf(besides), hasVersion: false)
      let examples = examples(besides.flatMap(\.examples))
      return [success(other, examples, isRepeated: isRepeated, components: &components), nothing]
    }
    var parts = [schema]
    if operation.takesWait { parts.append(.object(receipted)) }
    if isRepeated, schema.hasWhatIsShownOnce { parts.append(.object(withoutSecrets)) }
    let done = parts.count == 1 ? schema : .allOf(parts)
    let isEither = operation.takesDryRun && output.status == .ok
    let whole = OutputDescription(
      status: output.status, schema: isEither ? .oneOf([done, DryRun.shape.schema]) : done,
      hasVersion: output.hasVersion, mediaType: output.mediaType, setsDeviceCookie: output.setsDeviceCookie)
    let answer = success(
      whole, examples(of: operation, schema) + (isEither ? tried : []), isRepeated: isRepeated, mayBeTried: isEither,
      components: &components)
    guard operation.takesDryRun, !isEither else { return [answer] }
    let found = OutputDescription(status: .ok, schema: DryRun.shape.schema, hasVersion: false)
    return [success(found, tried, isRepeated: false, components: &components), answer]
  }

  /// What was found by trying.
  private static var tried: [JSONValue.Member] {
    DryRun.shape.schema.examples.prefix(1).map { .init("dryRun", ["value": $0]) }
  }

  private static let receipted = ObjectSchema(
    name: "Receipted",
    members: [
      .init(
        name: "receipt", schema: Receipt.shape.schema, isRequired: false,
        note: MemberNote("Whether the change is in force on every gateway; there where `wait` was asked for."))
    ],
    isClosed: false)

  private static let withoutSecrets = ObjectSchema(
    name: "WithoutSecrets",
    members: [
      .init(
        name: IdempotentReplay.secretsOmitted, schema: Shape<Bool>.boolean.schema, isRequired: false,
        note: MemberNote("True where the answer is repeated, and so without what is shown once.", example: .bool(true)))
    ],
    isClosed: false)

  /// The answer as it is at first, with a receipt, and repeated.
  private static func examples(of operation: Operation, _ schema: JSONSchema) -> [JSONValue.Member] {
    var examples = examples(schema.examples)
    guard let usual = schema.examples.first else { return examples }
    if operation.takesWait, let receipt = Receipt.shape.schema.examples.first {
      examples.append(.init("withReceipt", ["value": usual.adding(.init("receipt", receipt))]))
    }
    if operation.takesIdempotencyKey, schema.hasWhatIsShownOnce {
      let repeated = schema.withoutWhatIsShownOnce(usual).adding(.init(IdempotentReplay.secretsOmitted, true))
      examples.append(.init("repeated", ["value": repeated]))
    }
    return examples
  }

  private static func success(
    _ output: OutputDescription, _ examples: [JSONValue.Member], isRepeated: Bool, mayBeTried: Bool = false,
    components: inout [String: JSONValue]
  ) -> JSONValue.Member {
    var headers = [AnswerHeader.requestID.reference]
    if output.hasVersion {
      headers.append(mayBeTried ? AnswerHeader.entityTagUnlessTried : AnswerHeader.entityTag.reference)
    }
    if isRepeated { headers.append(AnswerHeader.replayed.reference) }
    if output.setsDeviceCookie { headers.append(AnswerHeader.setCookie.reference) }
    var members: [JSONValue.Member] = [
      .init("description", .string(output.status.reasonPhrase)),
      .init("headers", .object(headers)),
    ]
    if let schema = output.schema?.json(components: &components) {
      let content: JSONValue = ["schema": schema, "examples": .object(examples)]
      members.append(.init("content", .object([.init(output.mediaType, content)])))
    }
    return .init(String(output.status.code), .object(members))
  }
}

extension OpenAPIDocument {
  /// One answer for each status, with the codes that it can have.
  private static func refusals(_ operation: Operation) -> [JSONValue.Member] {
    Dictionary(grouping: Set(operation.problems), by: \.status).sorted { $0.key < $1.key }.map { status, codes in
      let codes = codes.sorted { $0.rawValue < $1.rawValue }
      let narrowed: JSONValue = [
        "properties": [
          "status": ["const": .integer(status)], "code": ["enum": .array(codes.map { .string($0.rawValue) })],
        ]
      ]
      let content: JSONValue = [
        "schema": ["allOf": [["$ref": "#/components/schemas/Problem"], narrowed]],
        "examples": .object(codes.map { .init($0.rawValue, example($0, of: operation)) }),
      ]
      return .init(
        String(status),
        [
          "description": .string(codes.map(\.title).joined(separator: " ")),
          "headers": .object(AnswerHeader.headers(ofStatus: status).map(\.reference)),
          "content": .object([.init(Problem.mediaType, content)]),
        ])
    }
  }

  /// What a refusal of this code looks like, made as a real one is.
  private static func example(_ code: ProblemCode, of operation: Operation) -> JSONValue {
    let refusal = Refusal.example(of: code, for: operation.input)
    let problem = Problem(
      code, detail: refusal.detail, requestID: ID<ConsoleRequest>.example.description, errors: refusal.errors,
      uses: refusal.uses)
    return ["summary": .string(code.title), "value": Problem.shape.json(problem)]
  }
}

extension JSONValue {
  /// An object with one more member.
  fileprivate func adding(_ member: Member) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members + [member])
  }
}
