import Model

extension Shape {
  /// A credential in the clear: in the answers that show it.
  static func credential<Kind: CredentialKind>() -> Shape where Value == Credential<Kind> {
    let (marker, digits) = ("\(Kind.credentialPrefix)", Credential<Kind>.digits)
    let length = marker.utf8.count + digits
    let constraint = TextConstraint(
      length: length...length, pattern: "^\(marker)[0-9A-Za-z]{\(digits)}$",
      requirement: "must be \(marker) and \(digits) characters",
      example: Value.example.revealed)
    return Shape(.text(constraint)) { json, reading in
      json.text.flatMap { Credential($0) } ?? reading.refuse(constraint.requirement)
    } write: {
      .string($0.revealed)
    }
  }
}
