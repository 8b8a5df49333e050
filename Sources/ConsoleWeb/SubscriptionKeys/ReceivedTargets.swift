import Console
import ConsoleAPI
import Contract
import Foundation
import Model

/// A page of what a key may call, target by target: an authorization may have a hundred.
struct ReceivedTargets: Sendable {
  static let length = 40

  let items: [(authorization: ReceivedAuthorization, target: ReceivedAuthorization.Target)]
  /// Whether it is not the first page.
  let isContinued: Bool
  /// What the address of the page has in its query that begins behind so many of the items; nil where none is left.
  let next: @Sendable (_ shown: Int) -> String?

  /// Where a page ends within authorizations of so many targets: behind how many whole ones of them, and behind how many
  /// targets of the one that follows. Nil where all that is left is on the page.
  static func end(_ counts: [Int], skipping: Int, showing shown: Int = length) -> (whole: Int, skipping: Int)? {
    var left = skipping + shown
    for (index, count) in counts.enumerated() {
      if count > left { return (index, left) }
      left -= count
    }
    return nil
  }
}

extension SignedInVisit {
  /// What a key may call, as far as the address has gone.
  func receivedTargets(of key: ID<SubscriptionKey>) async throws -> ReceivedTargets {
    let identity = "\(principal.tenant) \(key) received"
    let after: Position<Authorization>? = try visit.query["after"].map { try Cursor.position($0, of: identity) }
    let given = visit.query["skip"].flatMap { $0.utf8.count <= 3 ? Int($0) : nil } ?? 0
    let skipping = min(max(given, 0), Authorization.maximumTargets)
    let (received, next) = try await console.receivedAuthorizations(
      of: key, SliceRequest(limit: ReceivedTargets.length, after: after), as: principal)

    @Sendable func address(behind position: Position<Authorization>?, skipping: Int) -> String {
      let pairs = [
        position.map { "after=\(Cursor.text($0, of: identity))" }, skipping > 0 ? "skip=\(skipping)" : nil,
      ]
      return pairs.compactMap(\.self).joined(separator: "&")
    }
    let targets = received.flatMap { authorization in authorization.targets.map { (authorization, $0) } }
    return ReceivedTargets(
      items: Array(targets.dropFirst(skipping).prefix(ReceivedTargets.length)),
      isContinued: after != nil || skipping > 0
    ) { shown in
      guard let end = ReceivedTargets.end(received.map(\.targets.count), skipping: skipping, showing: shown) else {
        return next.map { address(behind: $0, skipping: 0) }
      }
      let last = end.whole == 0 ? nil : received[end.whole - 1]
      return address(
        behind: last.map { Position(createdAt: $0.createdAt, id: $0.id) } ?? after, skipping: end.skipping)
    }
  }
}
