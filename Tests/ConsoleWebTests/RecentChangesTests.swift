import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// What the overview tells of what was done.
struct RecentChangesTests {
  private func event(_ sequence: Int64, _ action: String, _ request: String?, change: String? = nil) -> AuditEvent {
    AuditEvent(
      sequence: sequence, occurredAt: Date(timeIntervalSince1970: 1_700_000_000),
      entityKind: String(action.prefix { $0 != "." }), entityID: "x", action: action, actorKind: .account,
      account: nil, requestID: request, particulars: AuditEvent.Particulars(address: nil, change: change),
      previousHash: [], hash: [])
  }

  @Test func tellsOnceOfEachThingThatWasDone() {
    let events = [
      event(9, "session.created", "f"), event(8, "secret.created", nil), event(7, "authorizationTarget.deleted", "d"),
      event(6, "authorizationTarget.created", "d"), event(5, "secret.created", "c"),
      event(4, "subscriptionKey.updated", "c"),
      event(3, "secret.created", "b"), event(2, "subscriptionKey.created", "a"), event(1, "secret.created", "a"),
    ]
    #expect(RecentChanges(events).events.map(\.sequence) == [8, 7, 4, 3, 2])
  }

  @Test(arguments: [
    ("{\"after\": {\"name\": \"New\"}, \"before\": {\"name\": \"Old\"}}", "New"),
    ("{\"before\": {\"name\": \"Old\"}}", "Old"), ("{\"after\": {\"state\": \"disabled\"}}", nil), (nil, nil),
  ])
  func namesWhatWasChanged(change: String?, name: String?) {
    #expect(RecentChanges.name(of: event(1, "apiGroup.updated", nil, change: change)) == name)
  }
}
