#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a gateway is called in receipts.
enum NodeName {
  /// The name that was set, else the host's with the gateway's port: no two gateways that run have both the same.
  static func of(_ settings: Settings, port: Int) -> String {
    settings.nodeName ?? "\(hostName):\(port)"
  }

  private static let hostName: String = {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0, bytes[0] != 0 else { return "localhost" }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()
}
