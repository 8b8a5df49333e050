package import FoundationEssentials

/// A revision released to an environment.
package struct Deployment: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "dep" }

  /// Whether calls go to it.
  package enum State: String, CaseIterable, Sendable {
    case live
    /// Another took its place, or it was taken offline.
    case ended
  }

  package let id: ID<Deployment>
  package let revision: ID<Revision>
  package let version: RevisionVersion
  package let environment: DeploymentEnvironment
  package let backend: Backend
  package let createdAt: Date
  /// `nil` while it is live.
  package let endedAt: Date?

  package var state: State { endedAt == nil ? .live : .ended }

  package init(
    id: ID<Deployment>, revision: ID<Revision>, version: RevisionVersion, environment: DeploymentEnvironment,
    backend: Backend, createdAt: Date, endedAt: Date?
  ) {
    (self.id, self.revision, self.version, self.environment) = (id, revision, version, environment)
    (self.backend, self.createdAt, self.endedAt) = (backend, createdAt, endedAt)
  }
}

extension Deployment {
  /// What releasing takes.
  package struct Release: Sendable {
    package let version: RevisionVersion
    package let environment: DeploymentEnvironment
    package let backend: GivenBackend

    package init(version: RevisionVersion, environment: DeploymentEnvironment, backend: GivenBackend) {
      (self.version, self.environment, self.backend) = (version, environment, backend)
    }
  }

  /// What is to answer the calls of what is released.
  package enum GivenBackend: Sendable {
    /// - Parameter headers: the backend's own, with their values.
    case new(Backend, headers: [BackendHeader] = [])
    /// What answers, or did, those of another deployment of the group: its own headers are kept, whatever they say.
    case same(as: Reference<Deployment>)
  }

  /// Which deployments a list shows.
  package struct Filter: Sendable {
    package let environment: DeploymentEnvironment?

    package init(environment: DeploymentEnvironment?) {
      self.environment = environment
    }
  }
}
