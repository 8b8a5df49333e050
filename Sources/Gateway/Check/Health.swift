import Routing

/// The answers of `/healthz`, `/readyz` and `/metrics`.
enum Health {
  /// The process runs and its event loop turns.
  static let live = json(200, "{\"status\":\"live\"}\n")

  /// Whether calls can be decided, how old what they are decided by is, and whether the node's lease is held.
  static func readiness(_ snapshots: SnapshotCell) -> LocalAnswer {
    let lease = snapshots.lease
    let isReady = snapshots.allowsDecisions
    let age = snapshots.freshness.age(at: lease.now()).map { "\(max(0, $0.components.seconds))" } ?? "null"
    let members = [
      "\"status\":\"\(isReady ? "ready" : "notReady")\"", "\"snapshotAgeSeconds\":\(age)",
      "\"lease\":\"\(lease.isHeld ? "held" : "none")\"", "\"withoutLease\":\"\(lease.withoutLease.rawValue)\"",
    ]
    return json(isReady ? 200 : 503, "{\(members.joined(separator: ","))}\n")
  }

  static func metrics(_ text: String) -> LocalAnswer {
    LocalAnswer(
      status: 200, fields: Array("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n".utf8),
      body: .bytes(Array(text.utf8)))
  }

  private static func json(_ status: Int, _ text: String) -> LocalAnswer {
    LocalAnswer(
      status: status, fields: Array("Content-Type: application/json\r\nCache-Control: no-store\r\n".utf8),
      body: .bytes(Array(text.utf8)))
  }
}
