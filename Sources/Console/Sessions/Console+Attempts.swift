import Model
import Store

extension Console {
  /// Whether a password is the one of this hash. An attempt at which that could not be found out does not count.
  func verify(_ password: Password, against hash: String?, in attempt: SignInAttempt) async throws -> Bool {
    do {
      return try await passwords.verify(password, against: hash)
    } catch {
      _ = try await store.run(in: nil, Attempts.forgive(attempt))
      throw error
    }
  }
}
