import Framing

/// How calls name a group: by path; by host too, where the gateway has a domain; and by a host of a tenant's own.
package struct Addressing: Sendable {
  /// How a call named its group.
  package enum Form: Sendable {
    /// `/{slug}/{environment}/{prefix}{apiPath}` on any other host: all tenants share a browser's origin.
    case path
    /// `/{environment}/{prefix}{apiPath}` on `{slug}.{domain}`: the tenant has an origin of its own.
    case host
    /// `{apiPath}` on a host that is the tenant's own, where nothing else is found.
    case domain
    /// By a check's binding.
    case bound
  }

  /// In lower case, with a dot before it; empty for none.
  private let suffix: [UInt8]

  /// - Parameter domain: What tenants' slugs are put before, as in `gateway.example`; nil for none.
  package init(domain: String? = nil) {
    suffix = domain.map { Array(".\($0.lowercased())".utf8) } ?? []
  }

  /// By path only.
  package static let pathOnly = Addressing()

  /// Whether a host, whose name is at `name`, is the domain or lies under it.
  func owns(_ name: ByteRange, _ bytes: Span<UInt8>) -> Bool {
    guard !suffix.isEmpty else { return false }
    let own = ByteRange(1, suffix.count)
    if name.count < suffix.count { return bytes.matches(name, name: suffix.span, own) }
    let end = name.dropFirst(name.count - suffix.count)
    return bytes.matches(end, name: suffix.span, ByteRange(0, suffix.count))
  }

  /// The label before the domain in `host`, which may have a port; nil when the host is not one label under it.
  func slug(in host: ByteRange, _ bytes: Span<UInt8>) -> ByteRange? {
    guard !suffix.isEmpty else { return nil }
    let name = HostField.name(bytes, host)
    guard name.count > suffix.count else { return nil }
    let slug = name.prefix(name.count - suffix.count)
    guard bytes.matches(name.dropFirst(slug.count), name: suffix.span, ByteRange(0, suffix.count)) else { return nil }
    return slug.indices.contains { bytes[$0] == UInt8(ascii: ".") } ? nil : slug
  }
}
