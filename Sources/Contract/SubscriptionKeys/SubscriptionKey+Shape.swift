package import Model

extension SubscriptionKey {
  package static let shape = Shape<SubscriptionKey>.answer(
    "SubscriptionKey",
    .required("id", \.id, .text),
    .required("name", \.name, .text),
    .nullable("description", \.description, .text),
    .required("state", \.state, .choice),
    .nullable("expiresAt", \.expiresAt, .time),
    .nullable("providers", \.providers, .array(of: .text)),
    .nullable("createdBy", \.createdBy, .text),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time),
    .nullable("deletedAt", \.deletedAt, .time),
    .required("compromised", \.isCompromised, .boolean),
    .required("secrets", \.secrets, .array(of: Secret.shape))
  ) {
    SubscriptionKey(
      id: $0, name: $1, description: $2, state: $3, expiresAt: $4, providers: $5, createdBy: $6, createdAt: $7,
      updatedAt: $8, deletedAt: $9, isCompromised: $10, secrets: $11)
  }
}

extension SubscriptionKey.Secret {
  package static let shape = Shape<SubscriptionKey.Secret>.answer(
    "Secret",
    .required("id", \.id, .text),
    .required("prefix", \.prefix, .string(1...16)),
    .required("createdAt", \.createdAt, .time),
    .nullable("expiresAt", \.expiresAt, .time),
    .nullable("lastUsedAt", \.lastUsedAt, .time)
  ) { SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, expiresAt: $3, lastUsedAt: $4) }
}
