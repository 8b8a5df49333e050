package import Model

extension AccessToken {
  package static let shape = Shape<AccessToken>.answer(
    "AccessToken",
    .required("id", \.id, .text),
    .required("accountId", \.account, .text),
    .required("name", \.name, .text),
    .required("role", \.role, .choice),
    .required("prefix", \.prefix, .string(1...16)),
    .required("createdAt", \.createdAt, .time),
    .nullable("expiresAt", \.expiresAt, .time),
    .nullable("lastUsedAt", \.lastUsedAt, .time)
  ) {
    AccessToken(
      id: $0, account: $1, name: $2, role: $3, prefix: $4, createdAt: $5, expiresAt: $6, lastUsedAt: $7)
  }
}

extension AccessToken.Issued {
  /// A new token with its value, which is shown here only.
  package static let shape = Shape<AccessToken.Issued>.answer(
    "CreatedAccessToken",
    .required("id", \.token.id, .text),
    .required("accountId", \.token.account, .text),
    .required("name", \.token.name, .text),
    .required("role", \.token.role, .choice),
    .required("prefix", \.token.prefix, .string(1...16)),
    .required("createdAt", \.token.createdAt, .time),
    .nullable("expiresAt", \.token.expiresAt, .time),
    .nullable("lastUsedAt", \.token.lastUsedAt, .time),
    .required("value", \.value, .credential().shownOnce)
  ) {
    let token = AccessToken(
      id: $0, account: $1, name: $2, role: $3, prefix: $4, createdAt: $5, expiresAt: $6, lastUsedAt: $7)
    return AccessToken.Issued(token: token, value: $8)
  }
}

extension AccessToken.Draft {
  package static let shape = Shape<AccessToken.Draft>.request(
    "AccessTokenCreation",
    .required("name", \.name, .text),
    .optional("role", \.role, .choice),
    .optional("expiresAt", \.expiresAt, .futureTime)
  ) { AccessToken.Draft(name: $0, role: $1, expiresAt: $2) }
}

extension AccessToken.Filter {
  package static let query = Shape<ListQuery<AccessToken.Filter>>.request(
    "AccessTokenQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .defaulted("all", \.filter.all, .booleanText, to: false)
  ) { ListQuery(limit: $0, cursor: $1, filter: AccessToken.Filter(all: $2)) }
}
