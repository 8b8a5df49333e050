import Crypto
import CryptoExtras
import Foundation

/// The database roles that this product's processes work as; made by `sql/setup.sql`.
enum Login: String, CaseIterable {
  /// Owns every table and migrates them.
  case owner = "latchkey_owner"
  /// Sees and writes one tenant's rows at a time.
  case console = "latchkey_console"
  /// Reads what a snapshot is made of.
  case gateway = "latchkey_gateway"

  /// The login's password, derived from the administrator's, so that every node that is given the same connection
  /// string knows it and nothing has to be kept: base64url of HMAC-SHA256.
  func password(from administrators: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("latchkey login \(rawValue)".utf8), using: SymmetricKey(data: Data(administrators.utf8)))
    return Data(code).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
  }
}

/// What PostgreSQL stores of a password, made here so that the password itself never reaches the server or its log.
///
/// `SCRAM-SHA-256$<rounds>:<salt>$<StoredKey>:<ServerKey>`: RFC 5803 as PostgreSQL's `pg_authid` documents it, the keys
/// of RFC 5802 §3.
struct SCRAMVerifier: CustomStringConvertible {
  /// PostgreSQL's own count, `SCRAM_DEFAULT_ITERATIONS`.
  private static let rounds = 4096

  let description: String

  /// - Parameter password: printable ASCII, which SASLprep leaves as it is.
  init(password: String, salt: [UInt8] = (0..<16).map { _ in .random(in: .min ... .max) }) throws {
    let salted = try KDF.Insecure.PBKDF2.deriveKey(
      from: Data(password.utf8), salt: salt, using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: Self.rounds)
    let clientKey = HMAC<SHA256>.authenticationCode(for: Data("Client Key".utf8), using: salted)
    let storedKey = Data(SHA256.hash(data: Data(clientKey))).base64EncodedString()
    let serverKey = Data(HMAC<SHA256>.authenticationCode(for: Data("Server Key".utf8), using: salted))
    description =
      "SCRAM-SHA-256$\(Self.rounds):\(Data(salt).base64EncodedString())$\(storedKey):\(serverKey.base64EncodedString())"
  }
}
