import Testing

extension Tenancy {
  /// Releases `pets` and waits until `url` lets the first key in and not the other one.
  /// - Returns: the first key with its secret, and the other's secret.
  func openedDoor(at url: String) async throws -> (key: String, secret: String, stranger: String) {
    let (key, secret) = try await self.key()
    let (_, stranger) = try await self.key()
    _ = try await authorize(key, for: try await release("pets", backend: .mock))
    #expect(try await Caller.untilStatus(200, url, headers: keyed(secret)).status == 200)
    #expect(try await Caller.untilStatus(403, url, headers: keyed(stranger)).status == 403)
    return (key, secret, stranger)
  }
}
