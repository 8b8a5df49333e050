package import FoundationEssentials

/// What a provider publishes and authorizes as one.
package struct APIGroup: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "grp" }

  /// In how many headers, besides the default one, callers may send their key.
  package static let maximumKeyHeaders = 8

  package let id: ID<APIGroup>
  package let name: DisplayName
  package let description: Remark?
  /// A segment of the calls' paths. The first release freezes it.
  package let prefix: Slug
  package let accessMode: AccessMode
  package let keyHeaders: [KeyHeaderName]
  /// `nil`: browsers are told what the backend says.
  package let cors: CORSPolicy?
  /// One for each environment, in their order.
  package var environments: [Environment]
  package let createdAt, updatedAt: Date

  package init(
    id: ID<APIGroup>, name: DisplayName, description: Remark?, prefix: Slug, accessMode: AccessMode,
    keyHeaders: [KeyHeaderName], cors: CORSPolicy?, environments: [Environment], createdAt: Date, updatedAt: Date
  ) {
    (self.id, self.name, self.description, self.prefix) = (id, name, description, prefix)
    (self.accessMode, self.keyHeaders, self.cors) = (accessMode, keyHeaders, cors)
    self.environments = environments
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }
}

extension APIGroup {
  /// A group in an environment: where it is called, and what is live there.
  package struct Environment: Hashable, Sendable {
    package let environment: DeploymentEnvironment
    /// What the gateway's calls begin with, as in `/acme/online/pets`.
    package let path: String
    /// The environment's own, which stays whatever is released; `nil`: the group's.
    package let accessMode: AccessMode?
    /// The one that counts.
    package let effectiveAccessMode: AccessMode
    /// What all callers are limited by there together, whatever is released; `nil`: nothing.
    package let limitPolicy: LimitPolicy.Named?
    /// Of the live deployment; `nil` while there is none.
    package var version: RevisionVersion?
    package var deployment: ID<Deployment>?
    /// When the group, or what is live of it, was last changed.
    package let updatedAt: Date

    package init(
      environment: DeploymentEnvironment, path: String, accessMode: AccessMode?, effectiveAccessMode: AccessMode,
      limitPolicy: LimitPolicy.Named?, version: RevisionVersion?, deployment: ID<Deployment>?, updatedAt: Date
    ) {
      (self.environment, self.path) = (environment, path)
      (self.accessMode, self.effectiveAccessMode) = (accessMode, effectiveAccessMode)
      self.limitPolicy = limitPolicy
      (self.version, self.deployment, self.updatedAt) = (version, deployment, updatedAt)
    }
  }

  /// The group in an environment; there is one for each.
  package func environment(_ environment: DeploymentEnvironment) -> Environment? {
    environments.first { $0.environment == environment }
  }

  /// What may be changed of a group in an environment.
  package struct EnvironmentChanges: Sendable {
    package let accessMode: Change<AccessMode>
    package let limitPolicy: Change<Reference<LimitPolicy>>

    package init(accessMode: Change<AccessMode> = .keep, limitPolicy: Change<Reference<LimitPolicy>> = .keep) {
      (self.accessMode, self.limitPolicy) = (accessMode, limitPolicy)
    }
  }

  /// Which groups a list shows.
  package struct Filter: Sendable {
    /// Found in the name, the description, the prefix or the id, in whatever case.
    package let text: SearchText?
    /// Of which all callers in some environment are under this policy.
    package let limitPolicy: ID<LimitPolicy>?

    package init(text: SearchText? = nil, limitPolicy: ID<LimitPolicy>? = nil) {
      (self.text, self.limitPolicy) = (text, limitPolicy)
    }
  }

  /// What creating a group takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let description: Remark?
    package let prefix: Slug
    package let accessMode: AccessMode
    package let keyHeaders: [KeyHeaderName]
    package let cors: CORSPolicy?

    package init(
      name: DisplayName, description: Remark?, prefix: Slug, accessMode: AccessMode, keyHeaders: [KeyHeaderName],
      cors: CORSPolicy?
    ) {
      (self.name, self.description, self.prefix) = (name, description, prefix)
      (self.accessMode, self.keyHeaders, self.cors) = (accessMode, keyHeaders, cors)
    }
  }

  /// What may be changed of a group; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let description: Change<Remark>
    package let prefix: Slug?
    package let accessMode: AccessMode?
    package let keyHeaders: Change<[KeyHeaderName]>
    /// Of the policy there is, or of a new one.
    package let cors: Change<CORSPolicy.Changes>

    package init(
      name: DisplayName?, description: Change<Remark>, prefix: Slug?, accessMode: AccessMode?,
      keyHeaders: Change<[KeyHeaderName]>, cors: Change<CORSPolicy.Changes>
    ) {
      (self.name, self.description, self.prefix) = (name, description, prefix)
      (self.accessMode, self.keyHeaders, self.cors) = (accessMode, keyHeaders, cors)
    }
  }
}
