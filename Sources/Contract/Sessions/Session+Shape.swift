package import Model

extension Session {
  package static let shape = Shape<Session>.answer(
    "Session",
    .required("token", \.token, .sessionToken),
    .required("expiresAt", \.expiresAt, .time),
    .required("tenant", \.tenant, Tenant.shape),
    .required("account", \.account, Account.shape)
  ) { Session(token: $0, expiresAt: $1, tenant: $2, account: $3) }
}

extension Session.Credentials {
  package static let shape = Shape<Session.Credentials>.request(
    "SignIn",
    .required("tenant", \.tenant, .text),
    .required("email", \.email, .text),
    .required("password", \.password, .password)
  ) { Session.Credentials(tenant: $0, email: $1, password: $2) }
}

extension Shape where Value == SessionToken {
  /// A token in the clear: in the answers that show it.
  package static var sessionToken: Shape<SessionToken> {
    let constraint = TextConstraint(
      length: 47...47, pattern: "^ses_[0-9A-Za-z]{43}$", requirement: "must be a token: ses_ and 43 characters")
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
    .required("tenant", \.tenant, Tenant.shape),
    .required("account", \.account, Account.shape)
  ) { Identity(tenant: $0, account: $1) }
}
