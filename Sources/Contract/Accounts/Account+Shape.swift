package import Model

extension Account {
  package static let shape = Shape<Account>.answer(
    "Account",
    .required("id", \.id, .text, "The account's id."),
    .required("email", \.email, .text, "What its person signs in with; no two accounts of a tenant have the same."),
    .required("name", \.name, .text, "What people call its person.", example: .string("Ada Owner")),
    .required(
      "role", \.role, .choice,
      "What it may do: `viewer` reads, `developer` manages the keys it made, `admin` all but accounts, `owner` all.",
      example: .string("owner")),
    .required(
      "state", \.state, .choice,
      "`invited` until its person has chosen a password, then `active`; `disabled` ones are refused everywhere.",
      example: .string("active")),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) { Account(id: $0, email: $1, name: $2, role: $3, state: $4, createdAt: $5, updatedAt: $6) }
}
