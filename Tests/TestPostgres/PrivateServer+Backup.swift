extension PrivateServer {
  /// Stops the server, keeps a copy of all it has, and goes on.
  package func backUp() async throws {
    await stop()
    try await Command.run(["cp", "-a", dataDirectory, backup])
    try await start()
  }

  /// Puts the copy in the place of what there is, as if nothing had happened since.
  package func putBack() async throws {
    await stop()
    try await Command.run(["rm", "-r", dataDirectory])
    try await Command.run(["cp", "-a", backup, dataDirectory])
    try await start()
  }

  private nonisolated var backup: String { dataDirectory + ".backup" }
}
