import Crypto
import CryptoExtras
import FoundationEssentials
import Model

/// A password's scrypt hash with all that it takes to compute it again, as it is stored:
/// `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, both in base64 without padding (the PHC string format).
struct PasswordHash: LosslessStringConvertible, Equatable, Sendable {
  /// What a hash costs: `2^logN · blockSize · 128` bytes of memory, and time in proportion to that and `parallelism`.
  struct Cost: Hashable, Sendable {
    let logN, blockSize, parallelism: Int

    /// N = 2^15, r = 8, p = 3: 32 MiB. Of the choices that OWASP's Password Storage Cheat Sheet calls equal in
    /// strength, the one whose memory a small machine can spare several times over.
    static let standard = Cost(logN: 15, blockSize: 8, parallelism: 3)

    /// How many blocks of 128 bytes are mixed, to which the time is in proportion.
    var blocks: Int { (1 << logN) * blockSize * parallelism }
  }

  let cost: Cost
  let salt: Data
  let key: Data

  /// Takes as long as `cost` says.
  init(_ password: Password, cost: Cost, salt: Data) throws {
    (self.cost, self.salt) = (cost, salt)
    key = try KDF.Scrypt.deriveKey(
      from: Data(password.revealed.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.logN,
      blockSize: cost.blockSize, parallelism: cost.parallelism
    ).withUnsafeBytes { Data($0) }
  }

  /// 128 bits from the system's cryptographic random source.
  static func randomSalt() -> Data {
    var source = SystemRandomNumberGenerator()
    return Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &source) })
  }

  /// Whether it is the hash of this password, which takes as long as its cost says.
  func matches(_ password: Password) throws -> Bool {
    let other = try PasswordHash(password, cost: cost, salt: salt)
    return SymmetricKey(data: key) == SymmetricKey(data: other.key)  // compares in constant time
  }
}

extension PasswordHash {
  /// `nil` unless `text` is one that `description` gave.
  init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = Cost(parts[2]),
      let salt = Data(base64Encoded: Self.padded(parts[3])), let key = Data(base64Encoded: Self.padded(parts[4])),
      key.count == 32
    else { return nil }
    (self.cost, self.salt, self.key) = (cost, salt, key)
  }

  var description: String {
    "$scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(Self.unpadded(salt))$\(Self.unpadded(key))"
  }

  private static func unpadded(_ data: Data) -> String {
    String(data.base64EncodedString().prefix { $0 != "=" })
  }

  private static func padded(_ text: Substring) -> String {
    text + String(repeating: "=", count: (4 - text.count % 4) % 4)
  }
}

extension PasswordHash.Cost {
  /// `nil` unless `text` is `ln=…,r=…,p=…`, within what scrypt can do with 1 GiB.
  fileprivate init?(_ text: Substring) {
    let values = text.split(separator: ",").map { $0.split(separator: "=") }
    guard values.count == 3, values.allSatisfy({ $0.count == 2 }), values.map(\.[0]) == ["ln", "r", "p"],
      let logN = Int(values[0][1]), let blockSize = Int(values[1][1]), let parallelism = Int(values[2][1]),
      (1...20).contains(logN), (1...8).contains(blockSize), (1...16).contains(parallelism)
    else { return nil }
    self.init(logN: logN, blockSize: blockSize, parallelism: parallelism)
  }
}
