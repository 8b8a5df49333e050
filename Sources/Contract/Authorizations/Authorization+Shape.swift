package import Model

extension Authorization {
  package static let shape = Shape<Authorization>.answer(
    "Authorization",
    .required("id", \.id, .text, "The authorization's id."),
    .required("type", \.kind, .choice, "What is authorized."),
    .required("subscription", \.subscription, FoundSubscription.shape, "The key, as its holder's tenant shows it."),
    .required("targets", \.targets, .array(of: Target.shape), "What it may call."),
    .nullable(
      "description", \.description, .text, "What else to know of it.", example: .string("Calls of the web shop.")),
    .nullable("expiresAt", \.expiresAt, .time, "When it ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable(
      "limitPolicyId", \.limitPolicyID, .text, "What limits the key at each target by itself; null: nothing."),
    .nullable(
      "limitPolicyName", \.limitPolicyName, .text, "What people call the policy; null: there is none.",
      example: .string("Partners")),
    .required(
      "state", \.state, .choice,
      "`expired` once its time has come, `withdrawn` where the key's holder no longer consents."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) {
    Authorization(
      id: $0, kind: $1, subscription: $2, targets: $3, description: $4, expiresAt: $5,
      limitPolicy: LimitPolicy.Named(id: $6, name: $7), state: $8, createdAt: $9, updatedAt: $10)
  }

  private var limitPolicyID: ID<LimitPolicy>? { limitPolicy?.id }
  private var limitPolicyName: DisplayName? { limitPolicy?.name }
}

extension Authorization.Target {
  package static let shape = Shape<Authorization.Target>.answer(
    "AuthorizedTarget",
    .required("groupId", \.group, .text, "The group's id."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online"))
  ) { Authorization.Target(group: $0, groupName: $1, environment: $2) }
}

extension ReceivedAuthorization {
  package static let shape = Shape<ReceivedAuthorization>.answer(
    "ReceivedAuthorization",
    .required("id", \.id, .text, "The authorization's id."),
    .required("provider", \.provider, FoundSubscription.Owner.shape, "The tenant that authorized the key."),
    .required("targets", \.targets, .array(of: Target.shape), "What the key may call."),
    .nullable("expiresAt", \.expiresAt, .time, "When it ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable(
      "limitPolicy", \.limits, LimitPolicy.Terms.shape, "What limits the key at each target by itself; null: nothing."),
    .required(
      "state", \.state, .choice, "`expired` once its time has come, `withdrawn` where the key no longer consents."),
    .required("createdAt", \.createdAt, .time, "When it was made.")
  ) {
    ReceivedAuthorization(id: $0, provider: $1, targets: $2, expiresAt: $3, limits: $4, state: $5, createdAt: $6)
  }
}

extension ReceivedAuthorization.Target {
  package static let shape = Shape<ReceivedAuthorization.Target>.answer(
    "ReceivedTarget",
    .required("groupId", \.group, .text, "The group's id."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online")),
    .required(
      "path", \.path, .string(1...200), "What the gateway's calls begin with.", example: .string("/acme/online/orders")),
    .required(
      "live", \.isLive, .boolean, "Whether something is live there now; until it is, calls are answered 404.",
      example: .bool(true)),
    .nullable(
      "limitPolicy", \.limits, LimitPolicy.Terms.shape, "What limits all its callers there together; null: nothing.",
      example: .null)
  ) { ReceivedAuthorization.Target(group: $0, groupName: $1, environment: $2, path: $3, isLive: $4, limits: $5) }
}
