import Model

/// Reads a snapshot back from a file. Whatever the file says, it either is a snapshot that can be decided by, or is
/// refused.
package final class SnapshotDecoder {
  /// What the file says of itself; not to be trusted before ``snapshot()`` has returned, but a file that says the wrong
  /// thing may be refused for it.
  package let provenance: SnapshotProvenance

  private let input: FileInput

  /// - Parameter byteCount: How many bytes the file has.
  /// - Parameter source: Fills the beginning of a buffer with the next bytes and says how many they are; 0 at the end.
  /// - Throws: ``SnapshotFileError``, or what the source throws.
  package init(byteCount: Int, from source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) throws {
    input = try FileInput(byteCount: byteCount, from: source)
    provenance = try SnapshotProvenance(from: input)
  }

  /// The snapshot and the file's checksum; once.
  ///
  /// - Throws: ``SnapshotFileError``, or what the source throws.
  package func snapshot() throws -> (Snapshot, checksum: UInt64) {
    let tenants = try TenantTable(from: input)
    let limits = try LimitTable(from: input)
    let groups = try GroupTable(from: input, tenants: tenants.count, limits: limits.count)
    let keys = try KeyTable(from: input, tenants: tenants.count, limits: limits.count)
    let hosts = try HostTable(from: input)
    let checksum = try input.finish()
    return (Snapshot(tenants: tenants, limits: limits, groups: groups, keys: keys, hosts: hosts), checksum)
  }
}

extension SnapshotProvenance {
  fileprivate init(from input: FileInput) throws {
    self.init(sequence: try input.integer(), origin: "", position: [])
    origin = try input.text()
    position = try (0..<input.count(ofAtLeast: 4)).map { _ in try input.text() }
  }
}

extension TenantTable {
  fileprivate init(from input: FileInput) throws {
    let tenants = try (0..<input.count(ofAtLeast: 21)).map { _ in
      let id = try input.integer(UInt128.self)
      let isActive = try input.integer(UInt8.self) == 1
      return (id, Entry(slug: try Self.slug(from: input), isActive: isActive))
    }
    guard Set(tenants.map(\.0)).count == tenants.count else { throw SnapshotFileError.impossible("tenants") }
    self.init(tenants)
  }

  /// No characters for a tenant that was only heard of.
  private static func slug(from input: FileInput) throws -> SlugBytes {
    let text = try input.text()
    if text.isEmpty { return .none }
    guard let slug = Slug(text) else { throw SnapshotFileError.impossible("slug") }
    return SlugBytes(slug)
  }
}

extension LimitTable {
  fileprivate init(from input: FileInput) throws {
    let policies = try (0..<input.count(ofAtLeast: 24)).map { _ in
      let id = ID<LimitPolicy>(bits: try input.integer())
      guard let mode = LimitPolicy.Mode(rawValue: try input.text()) else { throw SnapshotFileError.impossible("mode") }
      let limits = try (0..<input.count(ofAtLeast: 20)).map { _ in try LimitPolicy.Limit(from: input) }
      guard Set(limits.map(\.period)).count == limits.count else { throw SnapshotFileError.impossible("limits") }
      return PublishedLimits(id: id, mode: mode, limits: limits)
    }
    guard Set(policies.map(\.id)).count == policies.count else { throw SnapshotFileError.impossible("policies") }
    self.init(policies)
  }
}

extension LimitPolicy.Limit {
  fileprivate init(from input: FileInput) throws {
    let requests = Int(exactly: try input.integer(UInt64.self))
    let period = LimitPeriod(rawValue: try input.text())
    let overdraft = Int(exactly: try input.integer(UInt64.self))
    guard let requests, let period, let overdraft else { throw SnapshotFileError.impossible("limit") }
    self.init(requests: requests, period: period, overdraft: overdraft)
    guard isValid else { throw SnapshotFileError.impossible("limit") }
  }
}

extension GroupTable {
  fileprivate init(from input: FileInput, tenants: UInt32, limits: UInt32) throws {
    let numbers = try input.integer(UInt32.self)
    let all = try (0..<input.count(ofAtLeast: 21)).map { _ in
      let id = try input.integer(UInt128.self)
      return (id, try Group(from: input, id: ID(bits: id), numbers: numbers, tenants: tenants, limits: limits))
    }
    let isUnambiguous = Set(all.map(\.0)).count == all.count && Set(all.map(\.1.number)).count == all.count
    guard isUnambiguous, numbers <= TargetNumber.maximumGroups else { throw SnapshotFileError.impossible("groups") }
    self.init(all, count: numbers)
  }
}

extension GroupTable.Group {
  fileprivate convenience init(
    from input: FileInput, id: ID<APIGroup>, numbers: UInt32, tenants: UInt32, limits: UInt32
  ) throws {
    let number = try input.integer(UInt32.self)
    guard number < numbers, number < TargetNumber.maximumGroups else { throw SnapshotFileError.impossible("group") }
    var targets = [Target?](repeating: nil, count: 3)
    var crossOrigin: CrossOriginRules?
    for _ in 0..<(try input.integer(UInt8.self)) {
      let target = try Target(
        from: input, group: id, sharing: crossOrigin, number: number, tenants: tenants, limits: limits)
      crossOrigin = target.crossOrigin
      targets[target.environment.code] = target
    }
    self.init(number: number, targets: targets)
  }
}

extension Target {
  /// - Parameter shared: What another target of the group goes by towards other origins.
  fileprivate convenience init(
    from input: FileInput, group: ID<APIGroup>, sharing shared: CrossOriginRules?, number: UInt32, tenants: UInt32,
    limits: UInt32
  ) throws {
    let tenant = ID<Tenant>(bits: try input.integer())
    let tenantNumber = try input.integer(UInt32.self)
    guard tenantNumber < tenants, let slug = Slug(try input.text()), let prefix = Slug(try input.text()),
      let accessMode = AccessMode(rawValue: try input.text()),
      let environment = DeploymentEnvironment(rawValue: try input.text())
    else { throw SnapshotFileError.impossible("target") }
    let deployment = ID<Deployment>(bits: try input.integer())
    let limitsPlace = try input.integer(UInt32.self)
    guard limitsPlace <= limits else { throw SnapshotFileError.impossible("target's limits") }
    let keyHeaders = try (0..<input.count(ofAtLeast: 4)).map { _ in try input.text() }
    let cors = try CORSPolicy.read(from: input)
    let (backend, sealed) = try Backend.read(from: input)
    let published = PublishedGroup(
      id: group, tenant: tenant, tenantSlug: slug, prefix: prefix, accessMode: accessMode, keyHeaders: keyHeaders,
      cors: cors, live: [])
    let live = PublishedGroup.Live(
      deployment: deployment, environment: environment, backend: backend,
      sealedHeaders: sealed.isEmpty ? nil : sealed, apis: [])
    let crossOrigin =
      cors == shared?.policy ? shared : cors.map { CrossOriginRules($0, keyHeaders: keyHeaders) }
    self.init(
      live, of: published, crossOrigin: crossOrigin, matcher: try APIMatcher(from: input),
      number: TargetNumber(group: number, environment: environment), tenantNumber: tenantNumber,
      limits: limitsPlace == 0 ? nil : LimitsNumber(rawValue: limitsPlace - 1))
  }
}

extension CORSPolicy {
  fileprivate static func read(from input: FileInput) throws -> CORSPolicy? {
    guard try input.integer(UInt8.self) == 1 else { return nil }
    let lists = try (0..<4).map { _ in try (0..<input.count(ofAtLeast: 4)).map { _ in try input.text() } }
    let policy = CORSPolicy(
      origins: lists[0], methods: lists[1], headers: lists[2], exposedHeaders: lists[3],
      credentials: try input.integer(UInt8.self) == 1, maxAge: Int(try input.integer(UInt32.self)))
    guard let policy else { throw SnapshotFileError.impossible("CORS policy") }
    return policy
  }
}

extension Backend {
  /// A backend and its sealed headers, which are empty when there are none.
  fileprivate static func read(from input: FileInput) throws -> (Backend, sealedHeaders: [UInt8]) {
    switch try input.integer(UInt8.self) {
    case 0:
      guard let url = BackendURL(try input.text()) else { throw SnapshotFileError.impossible("backend") }
      return (.http(url), try input.array())
    case 1: return (.mock(try MockResponse(from: input)), [])
    default: throw SnapshotFileError.impossible("backend")
    }
  }
}

extension MockResponse {
  fileprivate init(from input: FileInput) throws {
    let status = Int(try input.integer(UInt16.self))
    let body = try input.text()
    let headers = try (0..<input.count(ofAtLeast: 8)).map { _ in
      Header(name: try input.text(), value: try input.text())
    }
    guard Self.statuses.contains(status), headers.allSatisfy({ Header.isName($0.name) && Header.isValue($0.value) })
    else { throw SnapshotFileError.impossible("mock") }
    self.init(status: status, headers: headers, body: body)
  }
}

extension HostTable {
  fileprivate init(from input: FileInput) throws {
    let all = try (0..<input.count(ofAtLeast: 40)).map { _ in
      let id = ID<Domain>(bits: try input.integer())
      guard let host = HostName(try input.text()) else { throw SnapshotFileError.impossible("host") }
      let group = ID<APIGroup>(bits: try input.integer())
      guard let environment = DeploymentEnvironment(rawValue: try input.text()) else {
        throw SnapshotFileError.impossible("host")
      }
      return BoundHost(PublishedDomain(id: id, host: host, group: group, environment: environment))
    }
    let isUnambiguous = Set(all.map(\.domain)).count == all.count && Set(all.map(\.name)).count == all.count
    guard isUnambiguous else { throw SnapshotFileError.impossible("hosts") }
    self.init(all)
  }
}

extension KeyTable {
  fileprivate init(from input: FileInput, tenants: UInt32, limits: UInt32) throws {
    let shards = try (0..<1 << Self.shardBits).map { number in
      let shard = KeyShard(words: try input.array())
      guard shard.isPossible(as: number, tenants: tenants, limits: limits) else {
        throw SnapshotFileError.impossible("keys")
      }
      return shard
    }
    self.init(shards: shards)
  }
}
