package import Model

extension Account.Draft {
  package static let shape = Shape<Account.Draft>.request(
    "AccountCreation",
    .required("email", \.email, .text, "What its person will sign in with.", example: .string("dev@acme.example")),
    .required("name", \.name, .text, "What people call its person.", example: .string("Dev Eloper")),
    .required(
      "role", \.role, .choice,
      "What it may do: `viewer` reads, `developer` manages the keys it made, `admin` all but accounts, `owner` all.",
      example: .string("developer"))
  ) { Account.Draft(email: $0, name: $1, role: $2) }
}

extension Account.Changes {
  package static let shape = Shape<Account.Changes>.request(
    "AccountUpdate",
    .given("name", \.name, .text, "What people call its person.", example: .string("Dev Eloper")),
    .given(
      "role", \.role, .choice,
      "What it may do: `viewer` reads, `developer` manages the keys it made, `admin` all but accounts, `owner` all.",
      example: .string("admin")),
    .given(
      "state", \.state, .choice,
      "`disabled` ends its sessions and has its access tokens refused; `active` lets it in again.")
  ) { Account.Changes(name: $0, role: $1, state: $2) }
}

extension Account.Filter {
  package static let query = Shape<ListQuery<Account.Filter>>.request(
    "AccountQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order),
    .given("q", \.filter.text, .text, "What name, e-mail address or id contain; upper and lower case are the same.")
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: Account.Filter(text: $3)) }
}

extension Account.PasswordChange {
  package static let shape = Shape<Account.PasswordChange>.request(
    "PasswordChange",
    .required("current", \.current, .password, "The present password."),
    .required(
      "new", \.new, .password, "The password from now on, of 12 to 256 characters.",
      example: .string("another horse, another battery"))
  ) { Account.PasswordChange(current: $0, new: $1) }
}
