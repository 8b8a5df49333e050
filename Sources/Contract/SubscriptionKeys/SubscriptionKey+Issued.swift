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
    .nullable("providers", \.key.providers, .array(of: .text)),
    .nullable("createdBy", \.key.createdBy, .text),
    .required("createdAt", \.key.createdAt, .time),
    .required("updatedAt", \.key.updatedAt, .time),
    .nullable("deletedAt", \.key.deletedAt, .time),
    .required("compromised", \.key.isCompromised, .boolean),
    .required("secrets", \.issuedSecrets, .array(of: SubscriptionKey.IssuedSecret.shape, count: 1...1))
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
    .required("id", \.secret.id, .text),
    .required("prefix", \.secret.prefix, .string(1...16)),
    .required("createdAt", \.secret.createdAt, .time),
    .nullable("expiresAt", \.secret.expiresAt, .time),
    .nullable("lastUsedAt", \.secret.lastUsedAt, .time),
    .given("value", \.value, .secretValue.shownOnce)
  ) {
    let secret = SubscriptionKey.Secret(id: $0, prefix: $1, createdAt: $2, expiresAt: $3, lastUsedAt: $4)
    return SubscriptionKey.IssuedSecret(secret: secret, value: $5)
  }
}

extension SubscriptionKey.Rotation {
  /// The answer to a rotation: the new secret with its value, which is shown here only, and both secrets.
  package static let shape = Shape<SubscriptionKey.Rotation>.answer(
    "RotatedSecret",
    .required("id", \.issued.secret.id, .text),
    .required("prefix", \.issued.secret.prefix, .string(1...16)),
    .required("createdAt", \.issued.secret.createdAt, .time),
    .nullable("expiresAt", \.issued.secret.expiresAt, .time),
    .nullable("lastUsedAt", \.issued.secret.lastUsedAt, .time),
    .given("value", \.issued.value, .secretValue.shownOnce),
    .required("secrets", \.secrets, .array(of: SubscriptionKey.Secret.shape))
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
      requirement: "must be a secret: lk_ and 49 characters")
    return Shape(.text(constraint)) { json, reading in
      json.text.flatMap { SecretValue($0) } ?? reading.refuse(constraint.requirement)
    } write: {
      .string($0.revealed)
    }
  }
}
