import Console
import Model

/// What callers of something live, and its backend, notice of another release in its place.
extension SignedInVisit {
  /// Nothing where nobody notices anything.
  func effects(of release: Deployment.Release, on group: APIGroup) async throws -> [String] {
    guard let id = group.environment(release.environment)?.deployment else { return [] }
    let live = try await console.deployment(id, of: group.id, as: principal)
    guard let backend = try await backend(of: release, in: group.id),
      let revision = try await console.revision(version: release.version, of: group.id, as: principal)
    else { return [] }
    return try await missed(of: revision.id, after: live, in: group.id) + effects(of: backend, after: live.backend)
  }

  /// What a revision takes no more of what is live.
  func missed(
    of revision: ID<Revision>, after live: Deployment, in group: ID<APIGroup>
  ) async throws -> [String] {
    guard revision != live.revision else { return [] }
    let next = try await console.revision(revision, of: group, as: principal).apis
    let missed = next.missed(of: try await console.revision(live.revision, of: group, as: principal).apis)
    let shown = missed.prefix(20).map { words.missing($0, of: live.version) }
    let rest = missed.count - shown.count
    return shown + (rest > 0 ? [words["document.rest", ["count": String(rest)]]] : [])
  }

  /// What another backend means for calls.
  func effects(of backend: Backend, after live: Backend) -> [String] {
    var effects: [String] = []
    if words.backend(backend) != words.backend(live) {
      effects.append(
        words["rollback.backend", ["backend": words.backend(backend), "presentBackend": words.backend(live)]])
    } else if case (.mock, .mock) = (backend, live), backend != live {
      effects.append(words["release.otherMock"])
    }
    let gone = live.headerNames.filter { name in
      !backend.headerNames.contains { $0.lowercased() == name.lowercased() }
    }
    if case .http = backend, !gone.isEmpty {
      effects.append(words["release.headersGone", ["headers": gone.joined(separator: words["list.comma"])]])
    }
    return effects
  }

  /// Nil for one that is no deployment's, which the release itself complains of.
  private func backend(of release: Deployment.Release, in group: ID<APIGroup>) async throws -> Backend? {
    switch release.backend {
    case .new(let backend, _): return backend
    case .same(let reference):
      guard let id = reference.id else { return nil }
      do {
        return try await console.deployment(id, of: group, as: principal).backend
      } catch ConsoleError.notFound {
        return nil
      }
    }
  }
}

extension Words {
  /// What becomes of calls of an API that is not as it was.
  fileprivate func missing(_ missed: Revision.MissedAPI, of version: RevisionVersion) -> String {
    let api = pattern(missed.api)
    guard let after = missed.after else { return self["release.missing", ["api": api, "version": "\(version)"]] }
    return self["release.moved", ["api": api, "version": "\(version)", "after": pattern(after)]]
  }

  /// As people write it, with a mark where it takes all below it too.
  private func pattern(_ api: Revision.FrozenAPI) -> String {
    let below = api.pattern.match == .prefix ? (api.pattern.path.description.hasSuffix("/") ? "…" : "/…") : ""
    return api.pattern.description + below
  }
}
