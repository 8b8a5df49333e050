import Console
import Contract
import Hummingbird
import NIOCore

extension ConsoleAPI {
  /// A signed-in account's request once all of it is there, with its body, and who asks.
  ///
  /// Who is let in, and whether it may, is asked before the body is awaited, so that a stranger's fills no memory and a
  /// role too low is told so whatever it sends; and again behind one that was long in coming. What ends in the moment after
  /// that is noticed as a change is committed: see `sql/0033_let_in_at_commit.sql`.
  func arrival(
    of request: Request, for operation: Operation, requiring permission: Permission
  ) async throws -> (request: Request, body: ByteBuffer, principal: Principal) {
    let principal = try await authenticate(request, requiring: permission)
    guard operation.input.body != nil || operation.takesIdempotencyKey else {
      return (request, ByteBuffer(), principal)
    }
    let start = ContinuousClock.now
    let body = try await request.wholeBody(upTo: operation.input.maximumBodyLength)
    let isLate = ContinuousClock.now - start >= latenessOfBodies
    return (
      Request(head: request.head, body: RequestBody(buffer: body)), body,
      isLate ? try await authenticate(request, requiring: permission) : principal
    )
  }

  private func authenticate(_ request: Request, requiring permission: Permission) async throws -> Principal {
    let principal = try await authenticate(request)
    if asksFirst { try principal.require(permission) }
    return principal
  }
}
