/// Where the private server is reached, and as whom. Holds a password: its description leaves that out.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The directory of the socket, libpq's `host`.
  package let socketDirectory: String
  /// The superuser's password. Secret.
  package let password: String

  /// The superuser that the cluster was made with.
  package var user: String { Cluster.superuser }
  /// The database to use; empty after the first start.
  package var database: String { Cluster.database }

  /// A libpq URI for the superuser. Secret.
  package var connectionString: String { connectionString(user: user, password: password) }

  /// A libpq URI for another login of the same server. Secret.
  package func connectionString(user: String, password: String) -> String {
    "postgresql://\(Self.encoded(user)):\(Self.encoded(password))@/\(database)"
      + "?host=\(Self.encoded(socketDirectory))&port=\(ServerSettings.port)"
  }

  package var description: String { "\(database) on \(socketDirectory)" }
  package var debugDescription: String { description }

  /// Percent-encodes all but what RFC 3986 §2.3 calls unreserved.
  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        String(UnicodeScalar(byte))
      default:
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
