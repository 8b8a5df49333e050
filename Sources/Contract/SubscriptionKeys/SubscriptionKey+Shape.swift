package import Model

extension SubscriptionKey {
  package static let shape = Shape<SubscriptionKey>.answer(
    "SubscriptionKey",
    .required("id", \.id, .text, "The subscription ID: what a provider is told. It is no secret."),
    .required("name", \.name, .text, "What the key is for.", example: .string("Web shop")),
    .nullable("description", \.description, .text, "What else to know of it."),
    .required("state", \.state, .choice, "`disabled` and `deleted` keys are refused everywhere."),
    .nullable(
      "expiresAt", \.expiresAt, .time, "When the key ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable(
      "providers", \.providers, .array(of: .text), "The slugs of the tenants that may authorize the key; null: any.",
      example: .strings("acme")),
    .nullable("createdBy", \.createdBy, .text, "The account that made it; null once that is gone."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z")),
    .nullable("deletedAt", \.deletedAt, .time, "When it was deleted; null unless it is.", example: .null),
    .required(
      "compromised", \.isCompromised, .boolean, "Whether it was deleted as compromised, and so is never restored."),
    .required(
      "secrets", \.secrets, .array(of: Secret.shape),
      "Its one or two secrets, without values. One that has expired stays until a rotation or its deletion.")
  ) {
    SubscriptionKey(
      id: $0, name: $1, description: $2, state: $3, expiresAt: $4, providers: $5, createdBy: $6, createdAt: $7,
      updatedAt: $8, deletedAt: $9, isCompromised: $10, secrets: $11)
  }
}

extension SubscriptionKey.Secret {
  package static let shape = Shape<SubscriptionKey.Secret>.answer(
    "Secret",
    .required("id", \.id, .text, "The secret's id."),
    .required(
      "prefix", \.prefix, .string(1...16), "What its value begins with, by which a person tells two apart.",
      example: .string("lk_0Exam")),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .nullable("expiresAt", \.expiresAt, .time, "When it ends; null: with its key.", example: .null),
    .nullable(
      "lastUsedAt", \.lastUsedAt, .time,
      "When a gateway last admitted a call with it, a minute ago at most; null: never.",
      example: .string("2026-11-20T16:05:00Z")
    )
  ) { SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, expiresAt: $3, lastUsedAt: $4) }
}
