package import Model

extension Tenant {
  package static let shape = Shape<Tenant>.answer(
    "Tenant",
    .required("id", \.id, .text),
    .required("slug", \.slug, .text),
    .required("name", \.name, .text),
    .required("state", \.state, .choice),
    .required("createdAt", \.createdAt, .time),
    .required("updatedAt", \.updatedAt, .time)
  ) { Tenant(id: $0, slug: $1, name: $2, state: $3, createdAt: $4, updatedAt: $5) }
}

extension Tenant.Draft {
  package static let shape = Shape<Tenant.Draft>.request(
    "SignUp",
    .required("name", \.name, .text),
    .required("slug", \.slug, .text),
    .required("owner", \.owner, Tenant.Owner.shape)
  ) { Tenant.Draft(name: $0, slug: $1, owner: $2) }
}

extension Tenant.Owner {
  package static let shape = Shape<Tenant.Owner>.request(
    "SignUpOwner",
    .required("email", \.email, .text),
    .required("name", \.name, .text),
    .required("password", \.password, .password)
  ) { Tenant.Owner(email: $0, name: $1, password: $2) }
}

extension Tenant.Changes {
  package static let shape = Shape<Tenant.Changes>.request(
    "TenantUpdate",
    .given("name", \.name, .text)
  ) { Tenant.Changes(name: $0) }
}
