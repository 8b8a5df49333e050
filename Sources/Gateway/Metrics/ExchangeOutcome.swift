/// How a request ended, as metrics tell it: by the status of its answer, of those that are registered; or why there was
/// none. A bounded number, whatever a backend thinks of.
struct ExchangeOutcome: Hashable, Sendable {
  /// Below ``count``.
  let place: Int

  /// Answered so. A status that is not registered is told as the first of its class, as RFC 9110 §15 has it read.
  init(status: Int) {
    place = Int(Self.places[status >= 100 && status < 600 ? status - 100 : 400])
  }

  private init(place: Int) { self.place = place }

  /// The client did not wait for the end.
  static let cancelled = ExchangeOutcome(place: statuses.count)
  /// The backend gave no answer in time.
  static let timeout = ExchangeOutcome(place: statuses.count + 1)
  /// The backend's answer was none, or not whole.
  static let badAnswer = ExchangeOutcome(place: statuses.count + 2)
  /// The gateway ended it for a reason that is not the backend's.
  static let other = ExchangeOutcome(place: statuses.count + 3)

  static let count = statuses.count + errors.count
  static var all: [ExchangeOutcome] { (0..<count).map { ExchangeOutcome(place: $0) } }

  /// What tells it from others.
  var dimension: (String, String) {
    place < Self.statuses.count
      ? ("http.response.status_code", "\(Self.statuses[place])")
      : ("error.type", Self.errors[place - Self.statuses.count])
  }

  private static let errors = ["cancelled", "timeout", "bad_answer", "_OTHER"]

  /// IANA's registry of status codes.
  private static let statuses =
    Array(100...104) + Array(200...208) + [226] + Array(300...305) + [307, 308] + Array(400...418) + Array(421...426)
    + [428, 429, 431, 451] + Array(500...508) + [510, 511]

  private static let places: [UInt8] = (100..<600).map { status in
    UInt8(statuses.firstIndex(of: status) ?? statuses.firstIndex(of: status / 100 * 100) ?? 0)
  }
}
