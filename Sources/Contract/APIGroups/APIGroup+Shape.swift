package import Model

extension APIGroup {
  package static let shape = Shape<APIGroup>.answer(
    "APIGroup",
    .required("id", \.id, .text, "The group's id."),
    .required("name", \.name, .text, "What people call the group.", example: .string("Orders")),
    .nullable(
      "description", \.description, .text, "What else to know of it.", example: .string("Takes and tracks orders.")),
    .required(
      "prefix", \.prefix, .text, "The first segment of its APIs' paths at the gateway; frozen at the first release.",
      example: .string("orders")),
    .required(
      "accessMode", \.accessMode, .choice,
      "`required` refuses calls without an authorized key, `observe` only counts them, `open` asks for none.",
      example: .string("required")),
    .required(
      "keyHeaders", \.keyHeaders, .keyHeaders, "Headers that a key may come in beside `jdcloud-apim-subscription-key`.",
      example: .strings("X-Api-Key")),
    .nullable(
      "cors", \.cors, CORSPolicy.shape, "What pages of other origins may do; null: what the backend says they may."),
    .required("environments", \.environments, .array(of: Environment.shape), "The group in each environment."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) {
    APIGroup(
      id: $0, name: $1, description: $2, prefix: $3, accessMode: $4, keyHeaders: $5, cors: $6, environments: $7,
      createdAt: $8, updatedAt: $9)
  }
}

extension APIGroup.Environment {
  package static let shape = Shape<APIGroup.Environment>.answer(
    "APIGroupEnvironment",
    .required("environment", \.environment, .choice, "Which environment it is.", example: .string("online")),
    .required(
      "path", \.path, .string(1...200), "What its APIs' paths begin with at the gateway.",
      example: .string("/acme/online/orders")),
    .nullable(
      "accessMode", \.accessMode, .choice, "The environment's own access mode; null: the group's.", example: .null),
    .required(
      "effectiveAccessMode", \.effectiveAccessMode, .choice, "The access mode that counts there.",
      example: .string("required")),
    .nullable(
      "limitPolicyId", \.limitPolicyID, .text, "What limits all callers there together; null: nothing."),
    .nullable(
      "limitPolicyName", \.limitPolicyName, .text, "What people call the policy; null: there is none.",
      example: .string("Partners")),
    .nullable("version", \.version, .text, "The revision that is live there; null: none."),
    .nullable("deploymentId", \.deployment, .text, "The deployment that is live there; null: none."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) {
    APIGroup.Environment(
      environment: $0, path: $1, accessMode: $2, effectiveAccessMode: $3,
      limitPolicy: LimitPolicy.Named(id: $4, name: $5), version: $6, deployment: $7, updatedAt: $8)
  }

  private var limitPolicyID: ID<LimitPolicy>? { limitPolicy?.id }
  private var limitPolicyName: DisplayName? { limitPolicy?.name }
}

extension Shape where Value == [KeyHeaderName] {
  /// Names that no server takes for one another.
  static var keyHeaders: Shape {
    .distinct(.array(of: .text, count: 0...APIGroup.maximumKeyHeaders), by: \.folded)
  }
}
