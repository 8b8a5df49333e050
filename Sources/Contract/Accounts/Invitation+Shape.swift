package import Model

extension Invitation {
  /// An invitation with its token, which is shown here only.
  package static let shape = Shape<Invitation>.answer(
    "Invitation",
    .required("token", \.token, .credential().shownOnce),
    .required("expiresAt", \.expiresAt, .time)
  ) { Invitation(token: $0, expiresAt: $1) }
}

extension Account.Invited {
  /// An account as the answer to its creation shows it: with the invitation that is to be handed to its person.
  package static let shape = Shape<Account.Invited>.answer(
    "CreatedAccount",
    .required("id", \.account.id, .text),
    .required("email", \.account.email, .text),
    .required("name", \.account.name, .text),
    .required("role", \.account.role, .choice),
    .required("state", \.account.state, .choice),
    .required("createdAt", \.account.createdAt, .time),
    .required("updatedAt", \.account.updatedAt, .time),
    .required("invitation", \.invitation, Invitation.shape)
  ) {
    let account = Account(id: $0, email: $1, name: $2, role: $3, state: $4, createdAt: $5, updatedAt: $6)
    return Account.Invited(account: account, invitation: $7)
  }
}

extension Invitation.Acceptance {
  package static let shape = Shape<Invitation.Acceptance>.request(
    "InvitationAcceptance",
    .required("token", \.token, .anyInvitation),
    .required("password", \.password, .password)
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
