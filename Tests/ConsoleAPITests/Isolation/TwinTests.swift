import Contract
import HTTPTypes
import Model
import TestPostgres
import Testing

/// What a tenant asks and does is answered and done as if there were no other, although another has things of the very
/// same ids: once by row-level security and once without, by what the statements themselves say.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct TwinTests {
  @Test(.latchkey) func seesAndTouchesNothingOfItsTwin() async throws { try await seesAndTouchesNothing() }

  @Test(.latchkeyWithoutPolicies) func seesAndTouchesNothingOfItsTwinWithoutPolicies() async throws {
    try await seesAndTouchesNothing()
  }

  /// What is left of it in other tenants is other people's.
  @Test(.latchkey) func leavesNoAddressOfWhoDeletesItselfBesideATwin() async throws {
    try await Twins.run { twins in
      let person = try await twins.api.member(.owner, besides: twins.acme)
      try await twins.bear()
      #expect(try await twins.api.send(.delete, person.path, as: person).status == 204)
      let addresses = try await Catalogue.texts(
        """
        SELECT e.action FROM audit_events e
        JOIN audit_particulars o ON o.tenant_id = e.tenant_id AND o.sequence = e.sequence AND o.part = 'origin'
        WHERE e.tenant_id = '\(twins.acme.tenant)' AND e.account_id = '\(person.account)' AND o.content LIKE '%address%'
        """)
      #expect(addresses == [])
    }
  }

  private func seesAndTouchesNothing() async throws {
    try await Twins.run { twins in
      let operations = Operations(of: twins.api.documented.document).signedIn
      let reads = operations.filter { $0.method == .get || $0.id == "explain" }
      var alone: [String: Answer] = [:]
      for read in reads { alone[read.id] = try await ask(read, of: twins) }
      try await twins.bear()
      for read in reads {
        let answer = try await ask(read, of: twins)
        #expect(answer.status == 200, "\(read.id): \(answer.text)")
        #expect(timeless(answer) == alone[read.id].map(timeless), "\(read.id)")
      }
      try await twins.leavingStrangersAlone {
        try await write(operations.filter { $0.method != .get && $0.id != "explain" }, of: twins)
      }
    }
  }

  /// An answer but for when the asker's session or token was last used, which is written down once a minute.
  private func timeless(_ answer: Answer) -> String {
    answer.comparable.replacing(/"lastUsedAt":"[^"]*"/, with: "")
  }

  /// Does all of them. What has to wait for another, such as restoring for deleting, is tried again behind it.
  private func write(_ operations: [Operations.Operation], of twins: Twins) async throws {
    var open = operations.filter { $0.id != "signOut" }.sorted { rank($0) < rank($1) }
    var refusals: [String: String] = [:]
    for _ in 0..<4 {
      for operation in open {
        let answer = try await ask(operation, of: twins)
        #expect(!answer.text.contains(Twins.mark), "\(operation.id) tells of another tenant: \(answer.text)")
        refusals[operation.id] = 200..<300 ~= answer.status ? nil : answer.text
      }
      open.removeAll { refusals[$0.id] == nil }
    }
    #expect(refusals == [:])
    for operation in operations where operation.id == "signOut" {
      #expect(try await ask(operation, of: twins).status == 204)
    }
  }

  /// A session before the password that ends it, the inner before what it is in.
  private func rank(_ operation: Operations.Operation) -> Int {
    switch operation.id {
    case "endSession": 0
    case "deleteAPIGroup": 4
    default: operation.method == .delete ? 3 - min(1, operation.parameters.count - 1) : 1
    }
  }

  private func ask(_ operation: Operations.Operation, of twins: Twins) async throws -> Answer {
    let queries =
      switch operation.id {
      case "searchSubscription": ["subscriptionId": twins.own["subscriptionKeyId"] ?? ""]
      case "compareRevisions": ["against": "draft"]
      // It is live where another of these operations has released it.
      case "deleteAPIGroup": try await takeOffline(of: twins)
      default: [String: String]()
      }
    return try await twins.api.send(
      operation.method, twins.requests.path(of: operation, query: queries), as: twins.acme,
      twins.requests.body(of: operation))
  }

  private func takeOffline(of twins: Twins) async throws -> [String: String] {
    let group = twins.own["groupId"] ?? ""
    _ = try await twins.api.send(.delete, "/api-groups/\(group)/deployments/test", as: twins.acme)
    return [:]
  }
}
