import Model
package import Sealing
package import Store

/// The use cases: what an account may do. Each checks the role, does its work in one transaction, and wakes the
/// gateways when something was committed that they go by.
package struct Console: Sendable {
  var store: Store
  /// What the browser shows that asks, by which an account may have signed in before.
  var device: Credential<DeviceCookie>?
  let passwords: PasswordHasher
  /// `nil` where the installation has no sealing key.
  let sealer: Sealer?
  let domainVerifier: any DomainVerifier
  let configuration: Configuration
  var wakeGateways: @Sendable () -> Void
  /// What waits for gateways; it has to be run.
  package let nodes: NodeWatch

  /// - Parameter wakeGateways: called after each commit that gateways have to hear of. It must not block.
  package init(
    store: Store, passwords: PasswordHasher, sealer: Sealer? = nil,
    domainVerifier: any DomainVerifier = OperatorApproval(), configuration: Configuration,
    wakeGateways: @escaping @Sendable () -> Void
  ) {
    (self.store, self.passwords, self.sealer) = (store, passwords, sealer)
    self.domainVerifier = domainVerifier
    (self.configuration, self.wakeGateways) = (configuration, wakeGateways)
    nodes = NodeWatch(store: store)
  }

  /// How long a statement may take that changes as much as a tenant may have of something: deletes an account or a group,
  /// imports a document, freezes a draft.
  static let timeOfLargeChanges = Duration.seconds(60)

  /// What imported values are digested under.
  ///
  /// - Throws: ``ConsoleError/noSealingKey``.
  func requireImportedValueKeys() throws(ConsoleError) -> ImportedValueKeys {
    guard let keys = try requireSealer().importedValueKeys else { throw .noSealingKey }
    return keys
  }

  /// What seals a secret that is to be kept.
  ///
  /// - Throws: ``ConsoleError/noSealingKey``.
  func requireSealer() throws(ConsoleError) -> Sealer {
    guard let sealer else { throw .noSealingKey }
    return sealer
  }
}
