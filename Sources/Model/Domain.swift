package import FoundationEssentials

/// A host of a tenant's own: calls to it reach one of its groups in one environment, once somebody has verified that the
/// host is the tenant's.
package struct Domain: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "dom" }

  /// What is known about whose the host is. Calls reach a verified one only.
  package enum State: String, CaseIterable, Sendable {
    /// Claimed. Others may claim the same host.
    case pending
    /// No other tenant's at the same time.
    case verified
    /// An operator has decided that the host is not the tenant's, or not any more.
    case rejected
  }

  /// Names the text that the tenant publishes to show that the host is its own. It is no secret: it opens nothing.
  package enum Verification: Identified {
    package static var idPrefix: StaticString { "dvt" }
  }

  package let id: ID<Domain>
  package let host: HostName
  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let environment: DeploymentEnvironment
  package let state: State
  package let verificationToken: ID<Verification>
  /// What is to be done to have it verified; `nil` where nothing is.
  package var instructions: String?
  package let verifiedAt: Date?
  package let createdAt, updatedAt: Date

  package init(
    id: ID<Domain>, host: HostName, group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment,
    state: State, verificationToken: ID<Verification>, instructions: String? = nil, verifiedAt: Date?, createdAt: Date,
    updatedAt: Date
  ) {
    (self.id, self.host, self.group, self.groupName) = (id, host, group, groupName)
    (self.environment, self.state) = (environment, state)
    (self.verificationToken, self.instructions) = (verificationToken, instructions)
    (self.verifiedAt, self.createdAt, self.updatedAt) = (verifiedAt, createdAt, updatedAt)
  }

  /// The name of the DNS record of type TXT that shows the token.
  package var verificationRecord: String { Self.verificationRecord(of: host) }

  package static func verificationRecord(of host: HostName) -> String { "_latchkey.\(host)" }
}

extension Domain {
  /// What claiming a host takes.
  package struct Draft: Sendable {
    package let host: HostName
    package let group: Reference<APIGroup>
    package let environment: DeploymentEnvironment

    package init(host: HostName, group: Reference<APIGroup>, environment: DeploymentEnvironment) {
      (self.host, self.group, self.environment) = (host, group, environment)
    }
  }

  /// Where calls to the host then go; `nil` stays as it is.
  package struct Changes: Sendable {
    package let group: Reference<APIGroup>?
    package let environment: DeploymentEnvironment?

    package init(group: Reference<APIGroup>?, environment: DeploymentEnvironment?) {
      (self.group, self.environment) = (group, environment)
    }
  }

  /// Which domains a list shows.
  package struct Filter: Sendable {
    package let host: HostName?
    package let group: ID<APIGroup>?
    package let environment: DeploymentEnvironment?
    package let state: State?

    package init(host: HostName?, group: ID<APIGroup>?, environment: DeploymentEnvironment?, state: State?) {
      (self.host, self.group, self.environment, self.state) = (host, group, environment, state)
    }
  }
}
