package import Model

extension Invitation {
  /// An invitation with its token, which is shown here only.
  package static let shape = Shape<Invitation>.answer(
    "Invitation",
    .required("token", \.token, .credential().shownOnce, "What `POST /invitations` takes, once."),
    .required("expiresAt", \.expiresAt, .time, "7 days after it was made.", example: .string("2026-11-09T09:30:00Z"))
  ) { Invitation(token: $0, expiresAt: $1) }
}

extension Account.Invited {
  /// An account as the answer to its creation shows it: with the invitation that is to be handed to its person.
  package static let shape = Shape<Account.Invited>.answer(
    "CreatedAccount",
    .required("id", \.account.id, .text, "The account's id."),
    .required(
      "email", \.account.email, .text, "What its person signs in with; no two accounts of a tenant have the same.",
      example: .string("dev@acme.example")),
    .required("name", \.account.name, .text, "What people call its person.", example: .string("Dev Eloper")),
    .required(
      "role", \.account.role, .choice,
      "What it may do: `viewer` reads, `developer` manages the keys it made, `admin` all but accounts, `owner` all.",
      example: .string("developer")),
    .required(
      "state", \.account.state, .choice, "`invited` until its person has chosen a password.",
      example: .string("invited")),
    .required("createdAt", \.account.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.account.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z")),
    .required(
      "invitation", \.invitation, Invitation.shape, "What to hand to its person, who chooses a password with it.")
  ) {
    let account = Account(id: $0, email: $1, name: $2, role: $3, state: $4, createdAt: $5, updatedAt: $6)
    return Account.Invited(account: account, invitation: $7)
  }
}

extension Invitation.Acceptance {
  package static let shape = Shape<Invitation.Acceptance>.request(
    "InvitationAcceptance",
    .required("token", \.token, .anyInvitation, "The invitation's token."),
    .required("password", \.password, .password, "The password that the account signs in with from now on.")
  ) { Invitation.Acceptance(token: $0, password: $1) }
}

extension Shape where Value == Credential<Invitation>? {
  /// A token in a request. Whether it is one is not told here, so that one that is malformed is answered as an unknown one.
  fileprivate static var anyInvitation: Shape {
    Shape(Shape<Credential<Invitation>>.credential().schema) { json, reading in
      guard let text = json.text else { return reading.refuse("must be a string") }
      return .some(Credential(text))
    } write: {
      $0.map { .string($0.revealed) } ?? .null
    }
  }
}
