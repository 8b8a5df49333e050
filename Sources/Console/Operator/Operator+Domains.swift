package import Model
package import Store

/// What an operator names a claim of a host by.
package enum DomainClaim: Sendable, CustomStringConvertible {
  case id(ID<Domain>)
  /// The only claim of this host that there is to decide about.
  case host(HostName)

  /// `nil` for what is neither.
  package init?(_ text: String) {
    if let id = ID<Domain>(text) {
      self = .id(id)
    } else if let host = HostName(text) {
      self = .host(host)
    } else {
      return nil
    }
  }

  fileprivate var isHost: Bool {
    if case .host = self { true } else { false }
  }

  package var description: String {
    switch self {
    case .id(let id): "\(id)"
    case .host(let host): "\(host)"
    }
  }
}

extension Operator {
  /// Claims of hosts, by host.
  package func domains(state: Domain.State?) async throws -> [OperatedDomain] {
    try await store.run(in: nil, OperatedDomains.list(state: state))
  }

  /// Takes a claim for proven: from the commit on calls to the host reach its group. By its host a claim is approved while
  /// it is pending, and only with the token; by its id also one that was rejected.
  ///
  /// - Parameter token: what the operator found at the host; only a claim that was told it is approved.
  /// - Throws: ``OperatorError``.
  package func approve(_ claim: DomainClaim, showing token: ID<Domain.Verification>?) async throws -> OperatedDomain {
    if case .host = claim, token == nil {
      throw OperatorError.notDone("show the token that was found at \(claim), or name the claim by its id")
    }
    let domain = try await only(claim, token, claim.isHost ? "is not pending" : "is verified already") {
      claim.isHost ? $0.state == .pending : $0.state != .verified
    }
    guard !ownHosts.contain(domain.host) else {
      throw OperatorError.notDone("\(domain.host) is this installation's own")
    }
    do {
      try Self.require(
        try await store.run(in: domain.tenant, OperatedDomains.approve(domain.id, in: domain.tenant)), domain)
    } catch StoreError.conflict(.verifiedHost) {
      let rival = domain.rival.map { "as \($0)" } ?? "meanwhile"
      throw OperatorError.notDone("\(domain.host) is verified for another tenant \(rival): reject that first")
    }
    return domain
  }

  /// Takes a claim, also one that was verified, for wrong: from the commit on nothing of the tenant's is found at the host.
  ///
  /// - Throws: ``OperatorError``.
  package func reject(_ claim: DomainClaim) async throws -> OperatedDomain {
    let domain = try await only(claim, nil, "is rejected already") { $0.state != .rejected }
    try Self.require(
      try await store.run(in: domain.tenant, OperatedDomains.reject(domain.id, in: domain.tenant)), domain)
    return domain
  }

  private static func require(_ decided: Int, _ domain: OperatedDomain) throws(OperatorError) {
    guard decided == 1 else { throw .notDone("\(domain.id) was decided about meanwhile") }
  }

  /// The one claim that is meant.
  private func only(
    _ claim: DomainClaim, _ token: ID<Domain.Verification>?, _ reason: String,
    where isOpen: (OperatedDomain) -> Bool
  ) async throws -> OperatedDomain {
    let named: [OperatedDomain] =
      switch claim {
      case .id(let id): try await store.run(in: nil, OperatedDomains.list(id: id))
      case .host(let host): try await store.run(in: nil, OperatedDomains.list(host: host))
      }
    guard !named.isEmpty else { throw OperatorError.notDone("nobody claims \(claim)") }
    let open = named.filter(isOpen)
    guard !open.isEmpty else { throw OperatorError.notDone("\(claim) \(reason)") }
    let meant = open.filter { token == nil || $0.verificationToken == token }
    guard let domain = meant.first else { throw OperatorError.notDone("no claim of \(claim) was told that token") }
    guard meant.count == 1 else {
      let claims = meant.map { "\($0.id) of \($0.tenantSlug)" }.joined(separator: ", ")
      throw OperatorError.notDone("several tenants claim \(claim), so name one by its id: \(claims)")
    }
    return domain
  }
}
