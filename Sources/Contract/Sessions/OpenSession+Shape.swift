package import Model

extension OpenSession {
  package static let shape = Shape<OpenSession>.answer(
    "OpenSession",
    .required("id", \.id, .text),
    .nullable("address", \.address, .string(1...100)),
    .required("createdAt", \.createdAt, .time),
    .required("lastUsedAt", \.lastUsedAt, .time),
    .required("expiresAt", \.expiresAt, .time),
    .required("current", \.isCurrent, .boolean)
  ) { OpenSession(id: $0, address: $1, createdAt: $2, lastUsedAt: $3, expiresAt: $4, isCurrent: $5) }
}
