import Model

extension Snapshot {
  /// Writes this snapshot as a file has it: digests, and nothing that is a secret.
  ///
  /// - Parameter sink: Takes the file's bytes in their order, in pieces of a megabyte.
  /// - Returns: The file's checksum.
  package func write(
    _ provenance: SnapshotProvenance, to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws -> UInt64 {
    let output = try FileOutput(to: sink)
    try provenance.write(to: output)
    try tenants.write(to: output)
    try limits.write(to: output)
    try groups.write(to: output)
    try keys.write(to: output)
    try hosts.write(to: output)
    return try output.finish()
  }
}

extension SnapshotProvenance {
  fileprivate func write(to output: FileOutput) throws {
    try output.write(sequence)
    try output.write(origin)
    try output.write(UInt32(position.count))
    for part in position { try output.write(part) }
  }
}

extension TenantTable {
  /// In the order of their numbers.
  fileprivate func write(to output: FileOutput) throws {
    try output.write(count)
    for (id, entry) in all {
      try output.write(id)
      try output.write(UInt8(entry.isActive ? 1 : 0))
      try output.write(entry.slug.withBytes { Array($0) })
    }
  }
}

extension LimitTable {
  /// In the order of their numbers.
  fileprivate func write(to output: FileOutput) throws {
    try output.write(count)
    for policy in all {
      try output.write(policy.id.bits)
      try output.write(policy.mode.rawValue)
      try output.write(UInt32(policy.limits.count))
      for limit in policy.limits {
        try output.write(UInt64(limit.requests))
        try output.write(limit.period.rawValue)
        try output.write(UInt64(limit.overdraft))
      }
    }
  }
}

extension GroupTable {
  fileprivate func write(to output: FileOutput) throws {
    let all = all
    try output.write(count)
    try output.write(UInt32(all.count))
    for (id, group) in all {
      try output.write(id)
      try output.write(group.number)
      let targets = group.targets.compactMap { $0 }
      try output.write(UInt8(targets.count))
      for target in targets { try target.write(to: output) }
    }
  }
}

extension Target {
  fileprivate func write(to output: FileOutput) throws {
    try output.write(tenant.bits)
    try output.write(tenantNumber)
    try output.write(tenantSlug.description)
    try output.write(prefixBytes.description)
    try output.write(accessMode.rawValue)
    try output.write(environment.rawValue)
    try output.write(deployment.bits)
    try output.write(limits.map { $0.rawValue + 1 } ?? 0)
    try output.write(UInt32(keyHeaders.count))
    for header in keyHeaders { try output.write(header.name) }
    try output.write(UInt8(crossOrigin == nil ? 0 : 1))
    if let crossOrigin { try crossOrigin.policy.write(to: output) }
    try backend.write(to: output)
    try matcher.write(to: output)
  }
}

extension CORSPolicy {
  fileprivate func write(to output: FileOutput) throws {
    let lists = [
      allowedOrigins.map(\.description), allowedMethods.map(\.description), allowedHeaders.map(\.description),
      exposedHeaders.map(\.description),
    ]
    for list in lists {
      try output.write(UInt32(list.count))
      for text in list { try output.write(text) }
    }
    try output.write(UInt8(allowsCredentials ? 1 : 0))
    try output.write(UInt32(maxAge))
  }
}

extension TargetBackend {
  fileprivate func write(to output: FileOutput) throws {
    switch self {
    case .http(let backend):
      try output.write(UInt8(0))
      try output.write(backend.url.description)
      try output.write(backend.sealed?.bytes ?? [])
    case .mock(let response):
      try output.write(UInt8(1))
      try output.write(UInt16(response.status))
      try output.write(response.body)
      try output.write(UInt32(response.headers.count))
      for header in response.headers {
        try output.write(header.name)
        try output.write(header.value)
      }
    }
  }
}

extension APIMatcher {
  fileprivate func write(to output: FileOutput) throws {
    try output.write(
      nodes.flatMap { node in
        [node.parameter]
          + [node.edges, node.exact, node.prefix, node.openPrefix].flatMap { [$0.lowerBound, $0.upperBound] }
      })
    try output.write(edges.flatMap { [$0.label.lowerBound, $0.label.upperBound, $0.node] })
    try output.write(labels)
    try output.write(UInt32(endpoints.count))
    for endpoint in endpoints {
      try output.write(UInt8(APIMethod.allCases.firstIndex(of: endpoint.method) ?? 0))
      try output.write(endpoint.api.bits)
    }
  }
}

extension HostTable {
  fileprivate func write(to output: FileOutput) throws {
    let all = all
    try output.write(UInt32(all.count))
    for host in all {
      try output.write(host.domain.bits)
      try output.write(host.name)
      try output.write(host.group.bits)
      try output.write(host.environment.rawValue)
    }
  }
}

extension KeyTable {
  /// Shard by shard, as it lies in memory.
  fileprivate func write(to output: FileOutput) throws {
    for shard in shards { try output.write(shard.words) }
  }
}
