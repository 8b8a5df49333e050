package import Model

/// What gateways need to know of a tenant.
package struct PublishedTenant: Sendable {
  package let id: ID<Tenant>
  package let slug: Slug
  /// Whether its keys are taken and its groups found.
  package let isActive: Bool

  package init(id: ID<Tenant>, slug: Slug, isActive: Bool) {
    (self.id, self.slug, self.isActive) = (id, slug, isActive)
  }
}

/// What gateways need to know of a group, with what is live of it.
package struct PublishedGroup: Sendable {
  /// A live deployment.
  package struct Live: Sendable {
    package let deployment: ID<Deployment>
    package let environment: DeploymentEnvironment
    package let backend: Backend
    /// The backend's own headers, as the database has them; nil for none.
    package let sealedHeaders: [UInt8]?
    package let apis: [PublishedAPI]

    package init(
      deployment: ID<Deployment>, environment: DeploymentEnvironment, backend: Backend,
      sealedHeaders: [UInt8]? = nil, apis: [PublishedAPI]
    ) {
      (self.deployment, self.environment, self.backend, self.apis) = (deployment, environment, backend, apis)
      self.sealedHeaders = sealedHeaders
    }
  }

  package let id: ID<APIGroup>
  package let tenant: ID<Tenant>
  package let tenantSlug: Slug
  package let prefix: Slug
  package let accessMode: AccessMode
  /// Those of environments that have one of their own.
  package let accessModes: [DeploymentEnvironment: AccessMode]
  /// What limits all callers of an environment together.
  package let limits: [DeploymentEnvironment: ID<LimitPolicy>]
  package let keyHeaders: [String]
  package let cors: CORSPolicy?
  /// At most one for each environment.
  package let live: [Live]

  package init(
    id: ID<APIGroup>, tenant: ID<Tenant>, tenantSlug: Slug, prefix: Slug, accessMode: AccessMode,
    accessModes: [DeploymentEnvironment: AccessMode] = [:], limits: [DeploymentEnvironment: ID<LimitPolicy>] = [:],
    keyHeaders: [String] = [], cors: CORSPolicy? = nil, live: [Live]
  ) {
    (self.id, self.tenant, self.tenantSlug, self.prefix) = (id, tenant, tenantSlug, prefix)
    (self.accessMode, self.accessModes, self.keyHeaders) = (accessMode, accessModes, keyHeaders)
    (self.limits, self.cors, self.live) = (limits, cors, live)
  }
}

/// An API of a live revision.
package struct PublishedAPI: Sendable {
  package let id: ID<API>
  package let pattern: APIPattern

  package init(id: ID<API>, pattern: APIPattern) {
    (self.id, self.pattern) = (id, pattern)
  }
}

/// A subscription key whole: its state, its secrets and what it may call, as far as it consents to that.
package struct PublishedKey: Sendable {
  /// A target that the key may call.
  package struct Authorization: Sendable {
    package let group: ID<APIGroup>
    package let environment: DeploymentEnvironment
    package let expiresAt: UnixTime
    /// What limits the key's calls of this target.
    package let limits: ID<LimitPolicy>?

    package init(
      group: ID<APIGroup>, environment: DeploymentEnvironment, expiresAt: UnixTime = .distantFuture,
      limits: ID<LimitPolicy>? = nil
    ) {
      (self.group, self.environment, self.expiresAt, self.limits) = (group, environment, expiresAt, limits)
    }
  }

  /// A secret that the key may be called with.
  package struct Secret: Sendable {
    package let digest: SecretDigest
    package let expiresAt: UnixTime

    package init(_ digest: SecretDigest, expiresAt: UnixTime = .distantFuture) {
      (self.digest, self.expiresAt) = (digest, expiresAt)
    }
  }

  package let id: ID<SubscriptionKey>
  package let tenant: ID<Tenant>
  package let isActive: Bool
  package let expiresAt: UnixTime
  package let secrets: [Secret]
  package let authorizations: [Authorization]

  package init(
    id: ID<SubscriptionKey>, tenant: ID<Tenant>, isActive: Bool = true, expiresAt: UnixTime = .distantFuture,
    secrets: [Secret], authorizations: [Authorization]
  ) {
    (self.id, self.tenant, self.isActive, self.expiresAt) = (id, tenant, isActive, expiresAt)
    (self.secrets, self.authorizations) = (secrets, authorizations)
  }
}

/// A host that is verified to be a tenant's.
package struct PublishedDomain: Sendable {
  package let id: ID<Domain>
  package let host: HostName
  package let group: ID<APIGroup>
  package let environment: DeploymentEnvironment

  package init(id: ID<Domain>, host: HostName, group: ID<APIGroup>, environment: DeploymentEnvironment) {
    (self.id, self.host, self.group, self.environment) = (id, host, group, environment)
  }
}

/// An entity as it is now; `nil` when there is none any more.
package enum SnapshotChange: Sendable {
  case tenant(ID<Tenant>, PublishedTenant?)
  case group(ID<APIGroup>, PublishedGroup?)
  case key(ID<SubscriptionKey>, PublishedKey?)
  /// `nil` for a domain that is not verified, too.
  case domain(ID<Domain>, PublishedDomain?)
  case limits(ID<LimitPolicy>, PublishedLimits?)
}
