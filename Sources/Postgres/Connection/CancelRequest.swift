import CLibPQ
import Synchronization

/// One `PQcancel`, on a thread of its own: it blocks without a limit when the server is paused.
///
/// It has copies of the server's address and the backend's key, so it may outlive the connection; it cannot hit
/// another backend, whose key differs.
final class CancelRequest: Sendable {
  private let done = Atomic(false)

  /// Whether the server has taken note: the signal has been sent, so that nothing sent from now on is hit.
  var isDone: Bool { done.load(ordering: .acquiring) }

  private init() {}

  /// - Returns: nil when the connection or the system offers no way to cancel.
  static func start(on connection: OpaquePointer, signalling wakeup: Wakeup) -> CancelRequest? {
    guard let handle = PQgetCancel(connection) else { return nil }
    let request = CancelRequest()
    let ticket = Ticket(handle: handle)
    let hasStarted = startThread {
      ticket.redeem()
      request.done.store(true, ordering: .releasing)
      wakeup.signal()
    }
    guard hasStarted else {
      PQfreeCancel(handle)
      return nil
    }
    return request
  }

  // Unchecked because a PGcancel never changes, and only the thread it is handed to uses and frees it.
  private struct Ticket: @unchecked Sendable {
    let handle: OpaquePointer

    func redeem() {
      var message = [CChar](repeating: 0, count: 256)
      _ = PQcancel(handle, &message, Int32(message.count))
      PQfreeCancel(handle)
    }
  }
}
