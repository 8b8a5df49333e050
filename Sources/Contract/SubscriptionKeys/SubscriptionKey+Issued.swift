package import Model

extension SubscriptionKey.Issued {
  /// A key as the answer to its creation shows it: its first secret has its value, here only.
  package static let shape = Shape<SubscriptionKey.Issued>.answer(
    "CreatedSubscriptionKey",
    .required("id", \.key.id, .text, "The subscription ID: what a provider is told. It is no secret."),
    .required("name", \.key.name, .text, "What the key is for.", example: .string("Web shop")),
    .nullable("description", \.key.description, .text, "What else to know of it."),
    .required("state", \.key.state, .choice, "`disabled` and `deleted` keys are refused everywhere."),
    .nullable(
      "expiresAt", \.key.expiresAt, .time, "When the key ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable(
      "providers", \.key.providers, .array(of: .text),
      "The slugs of the tenants that may authorize the key; null: any.", example: .strings("acme")),
    .nullable("createdBy", \.key.createdBy, .text, "The account that made it; null once that is gone."),
    .required("createdAt", \.key.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.key.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-02T09:30:00Z")),
    .nullable("deletedAt", \.key.deletedAt, .time, "When it was deleted; null unless it is.", example: .null),
    .required(
      "compromised", \.key.isCompromised, .boolean, "Whether it was deleted as compromised, and so is never restored."),
    .required(
      "secrets", \.issuedSecrets, .array(of: SubscriptionKey.IssuedSecret.shape, count: 1...1),
      "Its first secret, with its value unless that was imported.")
  ) {
    let key = SubscriptionKey(
      id: $0, name: $1, description: $2, state: $3, expiresAt: $4, providers: $5, createdBy: $6, createdAt: $7,
      updatedAt: $8, deletedAt: $9, isCompromised: $10, secrets: $11.map(\.secret))
    return SubscriptionKey.Issued(key: key, secret: $11[0])
  }

  private var issuedSecrets: [SubscriptionKey.IssuedSecret] { [secret] }
}

extension SubscriptionKey.IssuedSecret {
  /// A new secret with its value, which is shown here only; an imported one is not shown at all.
  package static let shape = Shape<SubscriptionKey.IssuedSecret>.answer(
    "CreatedSecret",
    .required("id", \.secret.id, .text, "The secret's id."),
    .required(
      "prefix", \.secret.prefix, .string(1...16), "What its value begins with, by which a person tells two apart.",
      example: .string("lk_0Exam")),
    .required("createdAt", \.secret.createdAt, .time, "When it was made."),
    .nullable("expiresAt", \.secret.expiresAt, .time, "When it ends; null: with its key.", example: .null),
    .nullable(
      "lastUsedAt", \.secret.lastUsedAt, .time, "When a gateway last admitted a call with it; null: never.",
      example: .null),
    .given(
      "value", \.value, .secretValue.shownOnce,
      "What callers send in `jdcloud-apim-subscription-key`; not there if it was imported.")
  ) {
    let secret = SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, expiresAt: $3, lastUsedAt: $4)
    return SubscriptionKey.IssuedSecret(secret: secret, value: $5)
  }
}

extension SubscriptionKey.Rotation {
  /// The answer to a rotation: the new secret with its value, which is shown here only, and both secrets.
  package static let shape = Shape<SubscriptionKey.Rotation>.answer(
    "RotatedSecret",
    .required("id", \.issued.secret.id, .text, "The secret's id."),
    .required(
      "prefix", \.issued.secret.prefix, .string(1...16),
      "What its value begins with, by which a person tells two apart.", example: .string("lk_0Exam")),
    .required("createdAt", \.issued.secret.createdAt, .time, "When it was made."),
    .nullable("expiresAt", \.issued.secret.expiresAt, .time, "When it ends; null: with its key.", example: .null),
    .nullable(
      "lastUsedAt", \.issued.secret.lastUsedAt, .time, "When a gateway last admitted a call with it; null: never.",
      example: .null),
    .given("value", \.issued.value, .secretValue.shownOnce, "What callers send in `jdcloud-apim-subscription-key`."),
    .required(
      "secrets", \.secrets, .array(of: SubscriptionKey.Secret.shape), "Both secrets of the key, without their values.")
  ) {
    let secret = SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, expiresAt: $3, lastUsedAt: $4)
    return SubscriptionKey.Rotation(issued: SubscriptionKey.IssuedSecret(secret: secret, value: $5), secrets: $6)
  }
}

extension Shape where Value == SecretValue {
  /// A secret in the clear: in the answers that show it.
  package static var secretValue: Shape<SecretValue> {
    let constraint = TextConstraint(
      length: SecretValue.length...SecretValue.length, pattern: "^lk_[0-9A-Za-z]{49}$",
      requirement: "must be a secret: lk_ and 49 characters", example: SecretValue.example.revealed)
    return Shape(.text(constraint)) { json, reading in
      json.text.flatMap { SecretValue($0) } ?? reading.refuse(constraint.requirement)
    } write: {
      .string($0.revealed)
    }
  }
}
