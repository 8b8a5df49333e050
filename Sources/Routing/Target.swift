package import Framing
package import Model

/// A group in an environment with what is live there. Immutable: a change makes a new one.
package final class Target: Sendable {
  package let group: ID<APIGroup>
  package let tenant: ID<Tenant>
  package let tenantSlug: Slug
  package let environment: DeploymentEnvironment
  package let accessMode: AccessMode
  package let deployment: ID<Deployment>
  package let backend: TargetBackend
  /// What pages of other origins may do; nil where that is the backend's business.
  package let crossOrigin: CrossOriginRules?

  let slugBytes: SlugBytes
  let prefixBytes: SlugBytes
  /// What authorizations name the target by.
  let number: TargetNumber
  /// Where the snapshot keeps the provider's state.
  let tenantNumber: UInt32
  let keyHeaders: [KeyHeader]
  let matcher: APIMatcher
  /// What limits all its callers together.
  let limits: LimitsNumber?

  /// A target of `group` with what is live of it, but for its APIs, which `matcher` has.
  init(
    _ live: PublishedGroup.Live, of group: PublishedGroup, crossOrigin: CrossOriginRules?, matcher: APIMatcher,
    number: TargetNumber, tenantNumber: UInt32, limits: LimitsNumber?
  ) {
    self.group = group.id
    tenant = group.tenant
    tenantSlug = group.tenantSlug
    slugBytes = SlugBytes(group.tenantSlug)
    prefixBytes = SlugBytes(group.prefix)
    accessMode = group.accessModes[live.environment] ?? group.accessMode
    keyHeaders = group.keyHeaders.map(KeyHeader.init)
    environment = live.environment
    deployment = live.deployment
    backend = TargetBackend(live, of: group.tenant)
    self.crossOrigin = crossOrigin
    self.matcher = matcher
    self.number = number
    self.tenantNumber = tenantNumber
    self.limits = limits
  }

  convenience init(
    _ live: PublishedGroup.Live, of group: PublishedGroup, crossOrigin: CrossOriginRules?, number: TargetNumber,
    tenantNumber: UInt32, limits: LimitsNumber?
  ) {
    self.init(
      live, of: group, crossOrigin: crossOrigin, matcher: APIMatcher(live.apis), number: number,
      tenantNumber: tenantNumber, limits: limits)
  }

  /// Whether `field` is a credential here, good or bad. Such a field is never forwarded.
  @inline(__always)
  package func isCredential(_ field: Field, in bytes: Span<UInt8>) -> Bool {
    if case .subscriptionKey = field.kind { return true }
    return !keyHeaders.isEmpty && keyHeader(admitting: field, in: bytes) != nil
  }

  /// Where the key lies in a field that is a credential; `nil` in one whose name is an alias.
  func key(in field: Field, _ bytes: Span<UInt8>) -> ByteRange? {
    if case .subscriptionKey = field.kind { return field.value }
    return keyHeader(admitting: field, in: bytes)?.key(in: field, bytes)
  }

  /// The API that takes `method` at `path`, which is a part of a checked path or empty.
  func match(_ path: ByteRange, method: ByteRange, in bytes: Span<UInt8>) -> APIMatcher.Outcome {
    matcher.match(path, method: APIMethod(bytes, method), in: bytes)
  }

  private func keyHeader(admitting field: Field, in bytes: Span<UInt8>) -> KeyHeader? {
    for header in keyHeaders where header.admits(field, in: bytes) { return header }
    return nil
  }
}

/// Where a target's calls go, with what is written upstream ready as bytes.
package enum TargetBackend: Sendable {
  case http(HTTPBackend)
  case mock(MockResponse)

  fileprivate init(_ live: PublishedGroup.Live, of tenant: ID<Tenant>) {
    switch live.backend {
    case .http(let url, _):
      let sealed = live.sealedHeaders.map { SealedHeaders(bytes: $0, tenant: tenant, deployment: live.deployment) }
      self = .http(HTTPBackend(url, sealed: sealed))
    case .mock(let response): self = .mock(response)
    }
  }
}

/// A (group, environment) in 32 bits: the group's number in this process and the environment's code.
struct TargetNumber: Hashable, Comparable, Sendable {
  /// The top bit is free for whoever stores it.
  let rawValue: UInt32

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  static let maximumGroups: UInt32 = 1 << 29

  init(group: UInt32, environment: DeploymentEnvironment) {
    precondition(group < Self.maximumGroups, "a process numbers at most 2^29 groups")
    rawValue = group << 2 | UInt32(environment.code)
  }

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
