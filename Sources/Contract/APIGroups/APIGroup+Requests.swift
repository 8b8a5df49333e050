package import Model

extension APIGroup.Draft {
  package static let shape = Shape<APIGroup.Draft>.request(
    "APIGroupCreation",
    .required("name", \.name, .text, "What people call the group.", example: .string("Orders")),
    .optional(
      "description", \.description, .text, "What else to know of it.", example: .string("Takes and tracks orders.")),
    .required(
      "prefix", \.prefix, .text, "The first segment of its APIs' paths at the gateway; frozen at the first release.",
      example: .string("orders")),
    .required(
      "accessMode", \.accessMode, .choice,
      "`required` refuses calls without an authorized key, `observe` only counts them, `open` asks for none.",
      example: .string("required")),
    .optional(
      "keyHeaders", \.givenKeyHeaders, .keyHeaders,
      "Headers that a key may come in beside `jdcloud-apim-subscription-key`.", example: .strings("X-Api-Key")),
    .optional(
      "cors", \.cors, CORSPolicy.creation, "What pages of other origins may do; null: what the backend says they may.")
  ) { APIGroup.Draft(name: $0, description: $1, prefix: $2, accessMode: $3, keyHeaders: $4 ?? [], cors: $5) }

  private var givenKeyHeaders: [KeyHeaderName]? { keyHeaders }
}

extension APIGroup.Changes {
  package static let shape = Shape<APIGroup.Changes>.request(
    "APIGroupUpdate",
    .given("name", \.name, .text, "What people call the group.", example: .string("Orders")),
    .changed(
      "description", \.description, .text, "What else to know of it; null: nothing.",
      example: .string("Takes and tracks orders.")),
    .given(
      "prefix", \.prefix, .text, "The first segment of its APIs' paths; only before the first release.",
      example: .string("orders")),
    .given(
      "accessMode", \.accessMode, .choice,
      "`required` refuses calls without an authorized key, `observe` only counts them, `open` asks for none.",
      example: .string("required")),
    .changed(
      "keyHeaders", \.keyHeaders, .keyHeaders, "Headers that a key may come in besides; null: none.",
      example: .strings("X-Api-Key")),
    .changed(
      "cors", \.cors, CORSPolicy.Changes.shape,
      "What pages of other origins may do, merged with what they might; null: what the backend says they may.")
  ) { APIGroup.Changes(name: $0, description: $1, prefix: $2, accessMode: $3, keyHeaders: $4, cors: $5) }
}

extension APIGroup.EnvironmentChanges {
  package static let shape = Shape<APIGroup.EnvironmentChanges>.request(
    "APIGroupEnvironmentUpdate",
    .changed(
      "accessMode", \.accessMode, .choice,
      "The environment's own access mode, which releases leave as it is; null: the group's.",
      example: .string("observe")),
    .changed(
      "limitPolicyId", \.limitPolicy, .reference(),
      "What limits all callers there together, which releases leave as it is: one of the tenant's limit policies; "
        + "null: nothing.")
  ) { APIGroup.EnvironmentChanges(accessMode: $0, limitPolicy: $1) }
}

extension APIGroup.Filter {
  package static let query = Shape<ListQuery<APIGroup.Filter>>.request(
    "APIGroupQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order),
    .given(
      "q", \.filter.text, .text, "What name, description, prefix or id contain; upper and lower case are the same."),
    .given("limitPolicyId", \.filter.limitPolicy, .text, "Under which limit policy in some environment only.")
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: APIGroup.Filter(text: $3, limitPolicy: $4)) }
}
