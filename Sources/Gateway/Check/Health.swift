import Routing

/// The answers of `/healthz` and `/readyz`.
enum Health {
  /// The process runs and its event loop turns.
  static let live = json(200, "{\"status\":\"live\"}\n")

  /// Whether calls can be decided, and how old what they are decided by is.
  static func readiness(age: Duration?, isServable: Bool) -> LocalAnswer {
    let seconds = age.map { "\(max(0, $0.components.seconds))" } ?? "null"
    let status = isServable ? "ready" : "notReady"
    return json(isServable ? 200 : 503, "{\"status\":\"\(status)\",\"snapshotAgeSeconds\":\(seconds)}\n")
  }

  private static func json(_ status: Int, _ text: String) -> LocalAnswer {
    LocalAnswer(
      status: status, fields: Array("Content-Type: application/json\r\nCache-Control: no-store\r\n".utf8),
      body: .bytes(Array(text.utf8)))
  }
}
