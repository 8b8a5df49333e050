package import Model

extension Account {
  package static let shape = Shape<Account>.answer(
    "Account",
    .required("id", \.id, .text),
    .required("email", \.email, .text),
    .required("name", \.name, .text),
    .required("role", \.role, .choice),
    .required("state", \.state, .choice),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time)
  ) { Account(id: $0, email: $1, name: $2, role: $3, state: $4, createdAt: $5, updatedAt: $6) }
}
