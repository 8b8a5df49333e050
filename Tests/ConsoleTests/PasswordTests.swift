import FoundationEssentials
import Model
import Testing

@testable import Console

struct PasswordTests {
  private let password = Password("correct horse battery")!
  private let weak = PasswordHash.Cost(logN: 4, blockSize: 8, parallelism: 1)

  /// The third vector of RFC 7914 §12. Its 64 bytes begin with these 32, since PBKDF2 makes each block by itself.
  @Test func derivesWhatTheStandardSays() throws {
    let hash = try PasswordHash(
      Password("pleaseletmein")!, cost: PasswordHash.Cost(logN: 14, blockSize: 8, parallelism: 1),
      salt: Data("SodiumChloride".utf8))
    #expect(hash.key.base64EncodedString() == "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=")
  }

  @Test func comesBackFromItsText() throws {
    let hash = try PasswordHash(password, cost: weak, salt: PasswordHash.randomSalt())
    #expect(hash.description.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
    #expect(PasswordHash(hash.description) == hash)
    let stored = try #require(PasswordHash(hash.description))
    #expect(try stored.matches(password))
    #expect(try !hash.matches(Password("Correct horse battery")!))
  }

  @Test(arguments: [
    "", "$", "plain", "$scrypt$ln=4,r=8,p=1$AAAA", "$scrypt$ln=4,r=8$AAAA$AAAA", "$scrypt$ln=40,r=8,p=1$AAAA$AAAA",
    "$scrypt$r=8,ln=4,p=1$AAAA$AAAA", "$argon2$ln=4,r=8,p=1$AAAA$AAAA", "$scrypt$ln=4,r=8,p=1$!$!",
  ])
  func refusesOtherTexts(text: String) {
    #expect(PasswordHash(text) == nil)
  }

  @Test func saltsEachHash() async throws {
    try await withHasher { hasher in
      let (first, second) = (try await hasher.hash(password), try await hasher.hash(password))
      #expect(first != second)
      #expect(try await hasher.verify(password, against: first))
      #expect(try await hasher.verify(password, against: second))
      #expect(try await !hasher.verify(Password("another password")!, against: first))
      #expect(try await !hasher.verify(password, against: nil))
      #expect(try await !hasher.verify(password, against: "nonsense"))
    }
  }

  @Test func takesOnOnlySoManyAtOnce() async throws {
    var configuration = PasswordHasher.Configuration.weak
    (configuration.threads, configuration.maximumWaiting) = (1, 2)
    configuration.cost = PasswordHash.Cost(logN: 14, blockSize: 8, parallelism: 1)
    try await withHasher(configuration) { hasher in
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<12 {
          group.addTask {
            do {
              _ = try await hasher.hash(password)
              return true
            } catch {
              #expect(error as? ConsoleError == .busy)
              return false
            }
          }
        }
        return await group.reduce(into: [true: 0, false: 0]) { $0[$1, default: 0] += 1 }
      }
      #expect(outcomes[true] ?? 0 >= 3)
      #expect(outcomes[false] ?? 0 >= 1)
      let isRight = try await hasher.verify(password, against: nil)
      #expect(!isRight)
    }
  }

  private func withHasher(
    _ configuration: PasswordHasher.Configuration = .weak, _ body: (PasswordHasher) async throws -> Void
  ) async throws {
    let hasher = try PasswordHasher(configuration)
    do {
      try await body(hasher)
    } catch {
      try await hasher.close()
      throw error
    }
    try await hasher.close()
  }
}
