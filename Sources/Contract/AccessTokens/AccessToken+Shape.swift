package import Model

extension AccessToken {
  package static let shape = Shape<AccessToken>.answer(
    "AccessToken",
    .required("id", \.id, .text, "The access token's id."),
    .required("accountId", \.account, .text, "Whose it is."),
    .required("name", \.name, .text, "What it is for.", example: .string("Deployment pipeline")),
    .required(
      "role", \.role, .choice, "What it may do at most; its account's present role, if lower, counts.",
      example: .string("admin")
    ),
    .required(
      "prefix", \.prefix, .string(1...16), "What its value begins with, by which a person tells two apart.",
      example: .string("lkt_0Exam")),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .nullable("expiresAt", \.expiresAt, .time, "When it ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable(
      "lastUsedAt", \.lastUsedAt, .time, "When it was last shown, a minute ago at most; null: never.",
      example: .string("2026-11-20T16:05:00Z"))
  ) {
    AccessToken(
      id: $0, account: $1, name: $2, role: $3, prefix: $4, createdAt: $5, expiresAt: $6, lastUsedAt: $7)
  }
}

extension AccessToken.Issued {
  /// A new token with its value, which is shown here only.
  package static let shape = Shape<AccessToken.Issued>.answer(
    "CreatedAccessToken",
    .required("id", \.token.id, .text, "The access token's id."),
    .required("accountId", \.token.account, .text, "Whose it is."),
    .required("name", \.token.name, .text, "What it is for.", example: .string("Deployment pipeline")),
    .required(
      "role", \.token.role, .choice, "What it may do at most; its account's present role, if lower, counts.",
      example: .string("admin")),
    .required(
      "prefix", \.token.prefix, .string(1...16), "What its value begins with, by which a person tells two apart.",
      example: .string("lkt_0Exam")),
    .required("createdAt", \.token.createdAt, .time, "When it was made."),
    .nullable(
      "expiresAt", \.token.expiresAt, .time, "When it ends; null: never.", example: .string("2030-01-31T12:00:00Z")),
    .nullable("lastUsedAt", \.token.lastUsedAt, .time, "When it was last shown; null: never.", example: .null),
    .required("value", \.value, .credential().shownOnce, "What to send as `Authorization: Bearer`.")
  ) {
    let token = AccessToken(
      id: $0, account: $1, name: $2, role: $3, prefix: $4, createdAt: $5, expiresAt: $6, lastUsedAt: $7)
    return AccessToken.Issued(token: token, value: $8)
  }
}

extension AccessToken.Draft {
  package static let shape = Shape<AccessToken.Draft>.request(
    "AccessTokenCreation",
    .required("name", \.name, .text, "What it is for.", example: .string("Deployment pipeline")),
    .optional(
      "role", \.role, .choice, "What it may do at most; left out, what its account may.", example: .string("admin")),
    .optional("expiresAt", \.expiresAt, .futureTime, "When it ends; left out, never.")
  ) { AccessToken.Draft(name: $0, role: $1, expiresAt: $2) }
}

extension AccessToken.Filter {
  package static let query = Shape<ListQuery<AccessToken.Filter>>.request(
    "AccessTokenQuery",
    .limit(\.limit),
    .cursor(\.cursor),
    .order(\.order),
    .defaulted(
      "all", \.filter.all, .booleanText, to: false,
      "Whether the whole tenant's are listed, which an owner may; else one's own."),
    .given("q", \.filter.text, .text, "What name, prefix or id contain; upper and lower case are the same.")
  ) { ListQuery(limit: $0, cursor: $1, order: $2, filter: AccessToken.Filter(all: $3, text: $4)) }
}
