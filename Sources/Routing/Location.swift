import Framing
import Model

/// What a call's address leads to.
struct Location {
  /// Nil when nothing is live there, the provider's tenant being suspended included.
  let target: Target?
  /// The path that the API sees; nil when a binding's prefix is not the path's.
  let apiPath: ByteRange?
  let form: Addressing.Form
  /// The host of a tenant's own that the call named.
  var host: BoundHost?
}

extension Snapshot {
  func locate(_ call: Call, _ addressing: Addressing, _ bytes: Span<UInt8>) -> Location {
    if let binding = call.binding {
      let target = groups.target(binding.group, binding.environment)
      return Location(target: live(target), apiPath: binding.apiPath(of: call.path, in: bytes), form: .bound)
    }
    var rest = call.path
    if let host = call.host {
      if let slug = addressing.slug(in: host, bytes) {
        return locate(bytes.lowercasedSlug(slug), &rest, .host, bytes)
      }
      if let bound = hosts.find(host, in: bytes), !addressing.owns(HostField.boundName(bytes, host), bytes),
        !call.isCheck || !bytes.namesAnEnvironment(call.path)
      {
        let target = groups.target(bound.group, bound.environment)
        return Location(target: live(target), apiPath: call.path, form: .domain, host: bound)
      }
    }
    let slug = bytes.takeSegment(&rest)
    return bytes.withBytes(slug) { locate($0, &rest, .path, bytes) }
  }

  private func locate(
    _ slug: SlugBytes, _ rest: inout ByteRange, _ form: Addressing.Form, _ bytes: Span<UInt8>
  ) -> Location {
    slug.withBytes { locate($0, &rest, form, bytes) }
  }

  /// Takes the environment and the prefix off `rest`, which the API's path is left of.
  private func locate(
    _ slug: UnsafeRawBufferPointer, _ rest: inout ByteRange, _ form: Addressing.Form, _ bytes: Span<UInt8>
  ) -> Location {
    let environment = DeploymentEnvironment(bytes, bytes.takeSegment(&rest))
    let prefix = bytes.takeSegment(&rest)
    let target = environment.flatMap { environment in
      bytes.withBytes(prefix) { groups.target(slug: slug, environment, prefix: $0) }
    }
    return Location(target: live(target), apiPath: rest, form: form)
  }

  /// The target, unless its tenant is suspended.
  func live(_ target: Target?) -> Target? {
    target.flatMap { tenants[$0.tenantNumber].isActive ? $0 : nil }
  }
}

extension Span<UInt8> {
  /// Takes the slash at the beginning of `path` and the segment after it; what is left begins with a slash or is empty.
  fileprivate func takeSegment(_ path: inout ByteRange) -> ByteRange {
    guard !path.isEmpty else { return path }
    let start = path.lowerBound + 1
    let end = segmentEnd(from: start, to: path.upperBound)
    path = ByteRange(end, path.upperBound)
    return ByteRange(start, end)
  }

  /// Whether the path's second segment is an environment, as in the path form. A proxy that has chosen the backend by such
  /// a path is not to be told of another group because of the host, which its client names.
  @inline(never)
  fileprivate func namesAnEnvironment(_ path: ByteRange) -> Bool {
    var rest = path
    _ = takeSegment(&rest)
    return DeploymentEnvironment(self, takeSegment(&rest)) != nil
  }

  fileprivate func withBytes<Result>(_ range: ByteRange, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    extracting(range.indices).withUnsafeBytes(body)
  }

  /// A label of a host name in lower case; no characters for one too long to be a slug.
  fileprivate func lowercasedSlug(_ label: ByteRange) -> SlugBytes {
    SlugBytes(count: label.count) { self[label.lowerBound + $0].lowercased }
  }
}
