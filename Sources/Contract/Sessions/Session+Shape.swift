package import Model

extension Session {
  package static let shape = Shape<Session>.answer(
    "Session",
    .required("token", \.token, .sessionToken, "What to send as `Authorization: Bearer`; shown here only."),
    .required(
      "expiresAt", \.expiresAt, .time, "When the session ends at the latest, used or not.",
      example: .string("2026-11-09T09:30:00Z")),
    .required("tenant", \.tenant, Tenant.shape, "The tenant that one is signed in to."),
    .required("account", \.account, Account.shape, "The account that is signed in.")
  ) { Session(token: $0, expiresAt: $1, tenant: $2, account: $3) }
}

extension Session.Credentials {
  package static let shape = Shape<Session.Credentials>.request(
    "SignIn",
    .required("tenant", \.tenant, .text, "The tenant's slug."),
    .required("email", \.email, .text, "The account's e-mail address."),
    .required("password", \.password, .password, "The account's password.")
  ) { Session.Credentials(tenant: $0, email: $1, password: $2) }
}

extension Shape where Value == SessionToken {
  /// A token in the clear: in the answers that show it.
  package static var sessionToken: Shape<SessionToken> {
    let constraint = TextConstraint(
      length: 47...47, pattern: "^ses_[0-9A-Za-z]{43}$", requirement: "must be a token: ses_ and 43 characters",
      example: SessionToken.example.revealed)
    return Shape(.text(constraint)) { json, reading in
      json.text.flatMap { SessionToken($0) } ?? reading.refuse(constraint.requirement)
    } write: {
      .string($0.revealed)
    }
  }
}

/// Who one is, and where.
package struct Identity: Sendable {
  package let tenant: Tenant
  package let account: Account

  package init(tenant: Tenant, account: Account) {
    (self.tenant, self.account) = (tenant, account)
  }

  package static let shape = Shape<Identity>.answer(
    "Identity",
    .required("tenant", \.tenant, Tenant.shape, "The tenant that one is signed in to."),
    .required("account", \.account, Account.shape, "The account that asks.")
  ) { Identity(tenant: $0, account: $1) }
}
