package import Model

extension Account.Draft {
  package static let shape = Shape<Account.Draft>.request(
    "AccountCreation",
    .required("email", \.email, .text),
    .required("name", \.name, .text),
    .required("role", \.role, .choice)
  ) { Account.Draft(email: $0, name: $1, role: $2) }
}

extension Account.Changes {
  package static let shape = Shape<Account.Changes>.request(
    "AccountUpdate",
    .given("name", \.name, .text),
    .given("role", \.role, .choice),
    .given("state", \.state, .choice)
  ) { Account.Changes(name: $0, role: $1, state: $2) }
}

extension Account.PasswordChange {
  package static let shape = Shape<Account.PasswordChange>.request(
    "PasswordChange",
    .required("current", \.current, .password),
    .required("new", \.new, .password)
  ) { Account.PasswordChange(current: $0, new: $1) }
}
