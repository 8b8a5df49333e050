package import NIOCore

extension IPAddress {
  /// The address of a socket; nil for a Unix domain socket's.
  init?(_ socket: SocketAddress) {
    // Safe: `sockaddr_in` has its address at offset 4, `sockaddr_in6` at offset 8, on every system.
    let raw = socket.withSockAddr { address, size in
      UnsafeRawBufferPointer(start: address, count: size).dropFirst(socket.protocol == .inet ? 4 : 8)
        .prefix(socket.protocol == .inet ? 4 : 16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }
    switch socket {
    case .v4: self = .v4(UInt32(raw))
    case .v6: self = .v6(raw)
    case .unixDomainSocket: return nil
    }
  }

  /// The addresses of this machine's interfaces, now.
  static func ofThisMachine() -> Set<IPAddress> {
    let devices = (try? System.enumerateDevices()) ?? []
    return Set(devices.compactMap { $0.address.flatMap { IPAddress($0)?.effective } })
  }
}

extension [AddressRange] {
  /// Whether one of the ranges has the address, or the one of IPv4 that it stands for.
  package func contains(_ socket: SocketAddress) -> Bool {
    IPAddress(socket).map { contains($0) || contains($0.effective) } ?? false
  }
}
