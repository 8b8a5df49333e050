import Model

/// All that calls are decided by, as it was at one moment in the database. Immutable: changes make another snapshot,
/// which shares what they did not touch.
package final class Snapshot: Sendable {
  let tenants: TenantTable
  let groups: GroupTable
  let keys: KeyTable
  let hosts: HostTable

  init(tenants: TenantTable, groups: GroupTable, keys: KeyTable, hosts: HostTable) {
    (self.tenants, self.groups, self.keys, self.hosts) = (tenants, groups, keys, hosts)
  }

  /// Nothing is live and no key is known.
  package static let empty = Snapshot(
    tenants: TenantTable(), groups: GroupTable(), keys: KeyTable(), hosts: HostTable())
}

extension Snapshot {
  /// This snapshot with the changes made. Those of one batch may come in any order, the last of one entity counts.
  package func applying(_ changes: [SnapshotChange]) -> Snapshot {
    var (tenants, groups, keys, hosts) = (tenants, groups, keys, hosts)
    for case .tenant(let id, let tenant) in changes {
      if let tenant { tenants.set(tenant) } else { tenants.shut(id) }
    }
    for case .group(let id, let group) in changes {
      if let group { groups.set(group, tenantNumber: tenants.numbering(group.tenant)) } else { groups.remove(id) }
    }
    var edits: [KeyTable.Edit] = []
    for case .key(let id, let key) in changes {
      let content = key.map { KeyShardDraft.Content($0, numberedBy: &tenants, &groups) }
      edits.append(KeyTable.Edit(id: id.bits, content: content))
    }
    keys.apply(edits)
    var moves: [(id: ID<Domain>, host: BoundHost?)] = []
    for case .domain(let id, let domain) in changes { moves.append((id, domain.map { BoundHost($0) })) }
    hosts.apply(moves)
    return Snapshot(tenants: tenants, groups: groups, keys: keys, hosts: hosts)
  }
}

extension KeyShardDraft.Content {
  fileprivate init(_ key: PublishedKey, numberedBy tenants: inout TenantTable, _ groups: inout GroupTable) {
    self.init(
      tenant: tenants.numbering(key.tenant), isActive: key.isActive, expiresAt: key.expiresAt,
      secrets: key.secrets.map { ($0.digest, $0.expiresAt) },
      targets: key.authorizations
        .map { (groups.numbering($0.group, $0.environment), $0.expiresAt) }
        .sorted { $0.0 < $1.0 })
  }
}
