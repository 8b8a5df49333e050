package import Model

extension Domain {
  package static let shape = Shape<Domain>.answer(
    "Domain",
    .required("id", \.id, .text, "The domain's id."),
    .required("host", \.host, .text, "The host, as calls name it."),
    .required("groupId", \.group, .text, "The group that calls reach there."),
    .required("groupName", \.groupName, .text, "What people call the group.", example: .string("Orders")),
    .required("environment", \.environment, .choice, "In which environment.", example: .string("online")),
    .required(
      "state", \.state, .choice,
      "Calls reach a `verified` one only; `rejected` is what an operator has decided against."),
    .required("verificationToken", \.verificationToken, .text, "What to publish at the host; no secret."),
    .required(
      "verificationRecord", \.verificationRecord, .string(1...253), "The name of the DNS record for it, of type TXT.",
      example: .string("_latchkey.api.acme.example")),
    .nullable(
      "instructions", \.instructions, .string(1...1000), "What is to be done to have it verified; null: nothing.",
      example: .string("Publish the token, and ask this installation's operator to approve the domain.")),
    .nullable("verifiedAt", \.verifiedAt, .time, "Since when it is verified; null: it is not.", example: .null),
    .required("createdAt", \.createdAt, .time, "When it was claimed."),
    .required("updatedAt", \.updatedAt, .time, "When it was last changed; the `ETag` is made of it.")
  ) { id, host, group, groupName, environment, state, token, _, instructions, verifiedAt, createdAt, updatedAt in
    Domain(
      id: id, host: host, group: group, groupName: groupName, environment: environment, state: state,
      verificationToken: token, instructions: instructions, verifiedAt: verifiedAt, createdAt: createdAt,
      updatedAt: updatedAt)
  }
}
