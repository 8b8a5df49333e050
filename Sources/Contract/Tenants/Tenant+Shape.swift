package import Model

extension Tenant {
  package static let shape = Shape<Tenant>.answer(
    "Tenant",
    .required("id", \.id, .text, "The tenant's id."),
    .required("slug", \.slug, .text, "The tenant's name in URLs; it never changes and is never issued again."),
    .required("name", \.name, .text, "What people call the tenant.", example: .string("Acme")),
    .required(
      "state", \.state, .choice, "`suspended` once the operator has locked it: its keys and groups are refused."),
    .required("createdAt", \.createdAt, .time, "When it was made."),
    .required(
      "updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.",
      example: .string("2026-11-20T16:05:12.250000Z"))
  ) { Tenant(id: $0, slug: $1, name: $2, state: $3, createdAt: $4, updatedAt: $5) }
}

extension Tenant.Draft {
  package static let shape = Shape<Tenant.Draft>.request(
    "SignUp",
    .required("name", \.name, .text, "What people call the tenant.", example: .string("Acme")),
    .required("slug", \.slug, .text, "The tenant's name in URLs, which never changes."),
    .required("owner", \.owner, Tenant.Owner.shape, "The first account, which is an owner.")
  ) { Tenant.Draft(name: $0, slug: $1, owner: $2) }
}

extension Tenant.Owner {
  package static let shape = Shape<Tenant.Owner>.request(
    "SignUpOwner",
    .required("email", \.email, .text, "Where the owner signs in with."),
    .required("name", \.name, .text, "What people call the owner.", example: .string("Ada Owner")),
    .required("password", \.password, .password, "Of 12 to 256 characters; it is kept as a hash only.")
  ) { Tenant.Owner(email: $0, name: $1, password: $2) }
}

extension Tenant.Changes {
  package static let shape = Shape<Tenant.Changes>.request(
    "TenantUpdate",
    .given("name", \.name, .text, "What people call the tenant.", example: .string("Acme Trading"))
  ) { Tenant.Changes(name: $0) }
}
