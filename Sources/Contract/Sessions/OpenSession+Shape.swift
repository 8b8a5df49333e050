package import Model

extension OpenSession {
  package static let shape = Shape<OpenSession>.answer(
    "OpenSession",
    .required("id", \.id, .text, "The session's id, which is not its token."),
    .nullable(
      "address", \.address, .string(1...100), "Where it was begun from, as the console saw it.",
      example: .string("198.51.100.7")
    ),
    .nullable(
      "client", \.client, .text, "The program that it was begun by, as that calls itself; null: it did not say."),
    .required("createdAt", \.createdAt, .time, "When it was begun."),
    .required(
      "lastUsedAt", \.lastUsedAt, .time, "When it was last used, a minute ago at most.",
      example: .string("2026-11-02T16:05:00Z")
    ),
    .required(
      "expiresAt", \.expiresAt, .time, "When it ends at the latest, used or not.",
      example: .string("2026-11-09T09:30:00Z")),
    .required("current", \.isCurrent, .boolean, "Whether it is the one that asks.", example: .bool(true))
  ) {
    OpenSession(id: $0, address: $1, client: $2, createdAt: $3, lastUsedAt: $4, expiresAt: $5, isCurrent: $6)
  }
}
