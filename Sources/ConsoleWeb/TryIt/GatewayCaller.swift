import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Makes trial calls over HTTP, each on a connection of its own, a few at a time.
final class GatewayCaller: Sendable {
  static let maximumBody = 256 << 10
  static let patience: Duration = .seconds(10)
  private static let maximumCalls = 16

  /// Why there is no answer.
  enum Failure: String, Error {
    case unreachable, tooSlow, broken, busy
  }

  private let calls = Mutex(0)

  /// - Parameter gateway: The origin that is dialled, and no other: redirects are not followed.
  /// - Throws: ``Failure``, `CancellationError`.
  func call(_ call: TrialCall, at gateway: String) async throws -> TrialAnswer {
    let isAdmitted = calls.withLock { count in
      guard count < Self.maximumCalls else { return false }
      count += 1
      return true
    }
    guard isAdmitted else { throw Failure.busy }
    defer { calls.withLock { $0 -= 1 } }
    return try await withThrowingTaskGroup(of: TrialAnswer.self) { group in
      group.addTask { try await Self.answer(to: call, at: gateway) }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        throw Failure.tooSlow
      }
      defer { group.cancelAll() }
      guard let answer = try await group.next() else { throw Failure.broken }
      return answer
    }
  }

  private static func answer(to call: TrialCall, at gateway: String) async throws -> TrialAnswer {
    var request = HTTPClientRequest(url: gateway + call.path)
    request.method = HTTPMethod(rawValue: call.method)
    for header in call.headers + [call.keyHeader].compactMap(\.self) {
      request.headers.add(name: header.name, value: header.value)
    }
    if !call.body.isEmpty { request.body = .bytes(ByteBuffer(string: call.body)) }
    let start = ContinuousClock.now
    do {
      return try await HTTPClient.withHTTPClient(configuration: configuration) { [request] client in
        let response = try await client.execute(request, timeout: .seconds(10))
        return try await TrialAnswer(response, upTo: maximumBody, since: start)
      }
    } catch {
      throw failure(error)
    }
  }

  private static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.timeout.connect = .seconds(5)
    return configuration
  }

  private static func failure(_ error: any Error) -> any Error {
    switch error {
    case is CancellationError, is Failure: error
    case let error as HTTPClientError
    where [.deadlineExceeded, .readTimeout, .getConnectionFromPoolTimeout].contains(error):
      Failure.tooSlow
    case let error as HTTPClientError where error == .connectTimeout: Failure.unreachable
    case is HTTPClientError: Failure.broken
    default: Failure.unreachable
    }
  }
}

/// What came back.
struct TrialAnswer: Sendable {
  let status: Int
  let reason: String
  let headers: [TrialCall.Header]
  let body: [UInt8]
  /// Whether the body goes on.
  let isCutOff: Bool
  let duration: Duration

  /// Reads no more of the body than `limit` bytes.
  init(_ response: HTTPClientResponse, upTo limit: Int, since start: ContinuousClock.Instant) async throws {
    status = Int(response.status.code)
    reason = response.status.reasonPhrase
    headers = response.headers.map { TrialCall.Header(name: $0.name, value: $0.value) }
    var body: [UInt8] = []
    for try await chunk in response.body {
      body += chunk.readableBytesView
      if body.count > limit { break }
    }
    isCutOff = body.count > limit
    self.body = Array(body.prefix(limit))
    duration = ContinuousClock.now - start
  }

  init(
    status: Int, reason: String, headers: [TrialCall.Header], body: [UInt8], isCutOff: Bool, duration: Duration
  ) {
    (self.status, self.reason, self.headers, self.body) = (status, reason, headers, body)
    (self.isCutOff, self.duration) = (isCutOff, duration)
  }

  /// The body as UTF-8; a character that is cut at the end is left out. Nil for what is no text.
  var text: String? {
    for cut in 0...(isCutOff ? 3 : 0) where cut == 0 || cut < body.count {
      let bytes = body.dropLast(cut)
      guard !bytes.contains(0) else { return nil }
      if let text = String(validating: bytes, as: UTF8.self) { return text }
    }
    return nil
  }
}
