package import Model

extension SubscriptionKey.Issued {
  /// A key as the answer to its creation shows it: its first secret has its value, here only.
  package static let shape = Shape<SubscriptionKey.Issued>.answer(
    "CreatedSubscriptionKey",
    .required("id", \.key.id, .text),
    .required("name", \.key.name, .text),
    .nullable("description", \.key.description, .text),
    .required("state", \.key.state, .choice),
    .nullable("expiresAt", \.key.expiresAt, .time),
    .nullable("createdBy", \.key.createdBy, .text),
    .required("createdAt", \.key.createdAt, .time),
    .required("updatedAt", \.key.updatedAt, .time),
    .required("secrets", \.issuedSecrets, .array(of: SubscriptionKey.IssuedSecret.shape, count: 1...1))
  ) {
    let key = SubscriptionKey(
      id: $0, name: $1, description: $2, state: $3, expiresAt: $4, createdBy: $5, createdAt: $6, updatedAt: $7,
      secrets: $8.map(\.secret))
    return SubscriptionKey.Issued(key: key, secret: $8[0])
  }

  private var issuedSecrets: [SubscriptionKey.IssuedSecret] { [secret] }
}

extension SubscriptionKey.IssuedSecret {
  /// A new secret with its value, which is shown here only.
  package static let shape = Shape<SubscriptionKey.IssuedSecret>.answer(
    "CreatedSecret",
    .required("id", \.secret.id, .text),
    .required("prefix", \.secret.prefix, .string(1...16)),
    .required("createdAt", \.secret.createdAt, .time),
    .nullable("lastUsedAt", \.secret.lastUsedAt, .time),
    .required("value", \.value, .secretValue.shownOnce)
  ) { id, prefix, createdAt, lastUsedAt, value in
    let secret = SubscriptionKey.Secret(id: id, prefix: prefix, createdAt: createdAt, lastUsedAt: lastUsedAt)
    return SubscriptionKey.IssuedSecret(secret: secret, value: value)
  }
}

extension Shape where Value == SecretValue {
  /// A secret in the clear: in the answers that show it.
  package static var secretValue: Shape<SecretValue> {
    let constraint = TextConstraint(
      length: SecretValue.length...SecretValue.length, pattern: "^lk_[0-9A-Za-z]{49}$",
      requirement: "must be a secret: lk_ and 49 characters")
    return Shape(.text(constraint)) { json, reading in
      json.text.flatMap { SecretValue($0) } ?? reading.refuse(constraint.requirement)
    } write: {
      .string($0.revealed)
    }
  }
}
