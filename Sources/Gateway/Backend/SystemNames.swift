import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The system's resolver.
enum SystemNames {
  /// The addresses of `name` in the order of preference that `getaddrinfo` gives (RFC 6724), with port 0; nil when it fails. Blocks.
  static func addresses(of name: String) -> [SocketAddress]? {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &first) == 0 else { return nil }
    defer { freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = first
    while let info = next?.pointee {
      if let address = socketAddress(info) { addresses.append(address) }
      next = info.ai_next
    }
    return addresses
  }

  private static func socketAddress(_ info: addrinfo) -> SocketAddress? {
    guard let address = info.ai_addr else { return nil }
    // Safe: `ai_family` tells which structure `ai_addr` points to (POSIX getaddrinfo).
    let raw = UnsafeRawPointer(address)
    switch info.ai_family {
    case AF_INET: return SocketAddress(raw.load(as: sockaddr_in.self))
    case AF_INET6: return SocketAddress(raw.load(as: sockaddr_in6.self))
    default: return nil
    }
  }
}
