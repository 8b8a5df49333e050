package import Model

extension Authorization {
  package static let shape = Shape<Authorization>.answer(
    "Authorization",
    .required("id", \.id, .text),
    .required("type", \.kind, .choice),
    .required("subscription", \.subscription, FoundSubscription.shape),
    .required("targets", \.targets, .array(of: Target.shape)),
    .nullable("description", \.description, .text),
    .nullable("expiresAt", \.expiresAt, .time),
    .required("state", \.state, .choice),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time)
  ) {
    Authorization(
      id: $0, kind: $1, subscription: $2, targets: $3, description: $4, expiresAt: $5, state: $6, createdAt: $7,
      updatedAt: $8)
  }
}

extension Authorization.Target {
  package static let shape = Shape<Authorization.Target>.answer(
    "AuthorizedTarget",
    .required("groupId", \.group, .text),
    .required("groupName", \.groupName, .text),
    .required("environment", \.environment, .choice)
  ) { Authorization.Target(group: $0, groupName: $1, environment: $2) }
}

extension ReceivedAuthorization {
  package static let shape = Shape<ReceivedAuthorization>.answer(
    "ReceivedAuthorization",
    .required("id", \.id, .text),
    .required("provider", \.provider, FoundSubscription.Owner.shape),
    .required("targets", \.targets, .array(of: Authorization.Target.shape)),
    .nullable("expiresAt", \.expiresAt, .time),
    .required("state", \.state, .choice),
    .required("createdAt", \.createdAt, .time)
  ) { ReceivedAuthorization(id: $0, provider: $1, targets: $2, expiresAt: $3, state: $4, createdAt: $5) }
}
