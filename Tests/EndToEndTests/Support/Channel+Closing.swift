import NIOCore

extension Channel {
  /// Runs `body`, and closes the channel however that ends.
  func closing<Result>(after body: () async throws -> Result) async throws -> Result {
    do {
      let result = try await body()
      try await close()
      return result
    } catch {
      try await close()
      throw error
    }
  }
}
