package import Model

extension SubscriptionKey {
  package static let shape = Shape<SubscriptionKey>.answer(
    "SubscriptionKey",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .nullable("description", \.description, .text),
    .required("state", \.state, .choice),
    .nullable("expiresAt", \.expiresAt, .time),
    .nullable("createdBy", \.createdBy, .text),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time),
    .required("secrets", \.secrets, .array(of: Secret.shape))
  ) {
    SubscriptionKey(
      id: $0, name: $1, description: $2, state: $3, expiresAt: $4, createdBy: $5, createdAt: $6, updatedAt: $7,
      secrets: $8)
  }
}

extension SubscriptionKey.Secret {
  package static let shape = Shape<SubscriptionKey.Secret>.answer(
    "Secret",
    .required("id", \.id, .text),
    .required("prefix", \.prefix, .string(1...16)),
    .required("createdAt", \.createdAt, .time),
    .nullable("lastUsedAt", \.lastUsedAt, .time)
  ) { SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, lastUsedAt: $3) }
}
