extension BackendURL: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 8...maximumLength, pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[!\"$->@-~]+$",
    requirement: "must be an http or https URL of a host, perhaps a port and a path, with no user, query, fragment,"
      + " dot segment or empty segment", example: "https://orders.acme.example/api")
}
