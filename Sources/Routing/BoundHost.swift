import Framing
import Model

/// A verified host that is bound to a group in an environment. Immutable: a change makes a new one.
final class BoundHost: Sendable, Equatable {
  let domain: ID<Domain>
  /// In lower case.
  let name: [UInt8]
  let group: ID<APIGroup>
  let environment: DeploymentEnvironment
  let hash: UInt64

  init(_ domain: PublishedDomain) {
    self.domain = domain.id
    let name = Array(domain.host.description.utf8)
    self.name = name
    (group, environment) = (domain.group, domain.environment)
    hash = name.span.hostHash(ByteRange(0, name.count))
  }

  static func == (left: BoundHost, right: BoundHost) -> Bool { left === right }
}

extension HostField {
  /// Where the name that a host can be bound by lies in a valid `Host`: without the port, and without the dot that may
  /// stand at a name's end.
  static func boundName(_ bytes: Span<UInt8>, _ host: ByteRange) -> ByteRange {
    let name = Self.name(bytes, host)
    guard name.count > 1, bytes[name.upperBound - 1] == UInt8(ascii: ".") else { return name }
    return name.prefix(name.count - 1)
  }
}

extension Span<UInt8> {
  /// The same for host names that differ in the case of letters only, under a seed of this process's own.
  ///
  /// Setting a bit makes a letter a small one and leaves a dot, a dash and a digit what they are; what else it makes alike
  /// is told apart when names are compared.
  @inline(__always)
  func hostHash(_ name: ByteRange) -> UInt64 {
    var hasher = Hasher()
    extracting(name.indices).withUnsafeBytes { bytes in
      var offset = 0
      while offset + 8 <= bytes.count {
        hasher.combine(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) | 0x2020_2020_2020_2020)
        offset += 8
      }
      var rest: UInt64 = 0
      while offset < bytes.count {
        rest = rest << 8 | UInt64(bytes[offset] | 0x20)
        offset += 1
      }
      hasher.combine(rest)
    }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
