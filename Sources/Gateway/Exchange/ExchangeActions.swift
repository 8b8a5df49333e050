import Routing

/// What an exchange wants done after an event. They are done in the order they are declared in.
struct ExchangeActions: OptionSet, Hashable, Sendable {
  let rawValue: UInt32

  // Towards the backend.
  static let lease = ExchangeActions(rawValue: 1 << 0)
  static let cancelLease = ExchangeActions(rawValue: 1 << 1)
  static let sendHead = ExchangeActions(rawValue: 1 << 2)
  /// Send the piece of the request's body at hand.
  static let sendBody = ExchangeActions(rawValue: 1 << 3)
  /// Send what ends the request's body, trailers included.
  static let endBody = ExchangeActions(rawValue: 1 << 4)

  // Towards the client.
  /// Pass the informational head at hand on.
  static let relayInformational = ExchangeActions(rawValue: 1 << 5)
  /// Tell the client to go on with its body.
  static let sendContinue = ExchangeActions(rawValue: 1 << 15)
  static let answerHead = ExchangeActions(rawValue: 1 << 6)
  /// Pass the piece of the answer's body at hand on.
  static let answerBody = ExchangeActions(rawValue: 1 << 7)
  /// Send what ends the answer's body, trailers included.
  static let endAnswer = ExchangeActions(rawValue: 1 << 8)
  /// Answer with the exchange's ``Exchange/failure``.
  static let refuse = ExchangeActions(rawValue: 1 << 9)

  // What becomes of the connections.
  static let releaseBackend = ExchangeActions(rawValue: 1 << 10)
  static let closeBackend = ExchangeActions(rawValue: 1 << 11)
  /// End the client's connection so that it cannot take what it got for a whole answer.
  static let cutClient = ExchangeActions(rawValue: 1 << 12)
  /// Close the client's connection once it has the answer.
  static let closeClient = ExchangeActions(rawValue: 1 << 13)
  static let nextRequest = ExchangeActions(rawValue: 1 << 14)
}

/// Why the gateway answers in the backend's place.
enum ExchangeFailure: Error, Hashable, Sendable {
  /// What the call was admitted by no longer admits it.
  case revoked(Refusal)
  /// Nobody knows whether the call may go on: there is no lease, or the snapshot is too old.
  case notServable
  /// The backend's name or address gave no connection, or none that is allowed.
  case unreachable
  /// The backend's answer was cut off or is no HTTP/1 answer.
  case badAnswer
  /// The backend did not begin to answer in time.
  case tooSlow
  /// Every connection to the backend was busy for too long.
  case noConnection
  case malformedBody
  case bodyTooLarge
  /// The client did not send its body in time.
  case requestTimeout
}
