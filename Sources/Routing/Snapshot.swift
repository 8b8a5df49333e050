import Model

/// All that calls are decided by, as it was at one moment in the database. Immutable: changes make another snapshot,
/// which shares what they did not touch.
package final class Snapshot: Sendable {
  let tenants: TenantTable
  let limits: LimitTable
  let groups: GroupTable
  let keys: KeyTable
  let hosts: HostTable

  init(tenants: TenantTable, limits: LimitTable, groups: GroupTable, keys: KeyTable, hosts: HostTable) {
    (self.tenants, self.limits) = (tenants, limits)
    (self.groups, self.keys, self.hosts) = (groups, keys, hosts)
  }

  /// Nothing is live and no key is known.
  package static let empty = Snapshot(
    tenants: TenantTable(), limits: LimitTable(), groups: GroupTable(), keys: KeyTable(), hosts: HostTable())
}

extension Snapshot {
  /// This snapshot with the changes made. Those of one batch may come in any order, the last of one entity counts.
  package func applying(_ changes: [SnapshotChange]) -> Snapshot {
    var (tenants, limits, groups, keys, hosts) = (tenants, limits, groups, keys, hosts)
    for case .tenant(let id, let tenant) in changes {
      if let tenant { tenants.set(tenant) } else { tenants.shut(id) }
    }
    for case .limits(let id, let policy) in changes {
      if let policy { limits.set(policy) } else { limits.remove(id) }
    }
    for case .group(let id, let group) in changes {
      guard let group else {
        groups.remove(id)
        continue
      }
      groups.set(
        group, tenantNumber: tenants.numbering(group.tenant), limits: group.limits.mapValues { limits.numbering($0) })
    }
    var edits: [KeyTable.Edit] = []
    for case .key(let id, let key) in changes {
      let content = key.map { KeyShardDraft.Content($0, numberedBy: &tenants, &groups, &limits) }
      edits.append(KeyTable.Edit(id: id.bits, content: content))
    }
    keys.apply(edits)
    var moves: [(id: ID<Domain>, host: BoundHost?)] = []
    for case .domain(let id, let domain) in changes { moves.append((id, domain.map { BoundHost($0) })) }
    hosts.apply(moves)
    return Snapshot(tenants: tenants, limits: limits, groups: groups, keys: keys, hosts: hosts)
  }
}

extension KeyShardDraft.Content {
  fileprivate init(
    _ key: PublishedKey, numberedBy tenants: inout TenantTable, _ groups: inout GroupTable, _ limits: inout LimitTable
  ) {
    self.init(
      tenant: tenants.numbering(key.tenant), isActive: key.isActive, expiresAt: key.expiresAt,
      secrets: key.secrets.map { ($0.digest, $0.expiresAt) },
      targets: key.authorizations
        .map { target in
          (
            groups.numbering(target.group, target.environment), target.expiresAt,
            target.limits.map { limits.numbering($0) }
          )
        }
        .sorted { $0.0 < $1.0 })
  }
}
