/// Waits until `condition` holds, asking again every few milliseconds.
///
/// - Throws: ``NeverHeld`` when it has not within a minute, `CancellationError`, or what `condition` throws.
package func eventually(
  isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while try await !condition() {
    guard ContinuousClock.now < deadline else { throw NeverHeld() }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// What a test waited for did not come.
package struct NeverHeld: Error {}
