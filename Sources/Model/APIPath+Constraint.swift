extension APIPath: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...maximumLength, pattern: "^/[0-9A-Za-z._~!$&'()*+,;=:@%/{}-]*$",
    requirement: "must begin with / and have no empty, . or .. segment, no escape but of what needs one, and {name} as"
      + " whole segments only, each name once", example: "/orders/{orderId}")
}
