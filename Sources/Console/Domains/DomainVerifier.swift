package import Model

/// Finds out whether a host that a tenant claims is the tenant's.
package protocol DomainVerifier: Sendable {
  /// What the tenant is told to do: a few sentences.
  func instructions(for domain: Domain) -> String

  /// Whether the tenant has shown that the host of a pending claim is its own. Asked when its administrators want it to
  /// be, in no transaction. False is no verdict: the claim stays pending.
  func isProven(_ domain: Domain) async throws -> Bool
}

/// An operator looks for the token and decides, by `latchkey domain approve` and `reject`. Nothing is looked up here.
package struct OperatorApproval: DomainVerifier {
  package init() {}

  package func instructions(for domain: Domain) -> String {
    "Publish a DNS record of type TXT at \(domain.verificationRecord) with the value \(domain.verificationToken), and ask "
      + "this installation's operator to approve the domain \(domain.id)."
  }

  package func isProven(_ domain: Domain) async throws -> Bool { false }
}
