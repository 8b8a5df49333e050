import FoundationEssentials
import Model
import Postgres
import Store
import TestPostgres
import Testing

@testable import Console

/// Which changes a node's position covers.
struct SeenTransactionsTests {
  @Test(.migrated) func seesWhatTheServerSaysItSees() async throws {
    try await TestDatabase.current.withPool { pool in
      for text in ["10:10:", "10:20:10,12,19", "3:4294967300:3,4294967299", "100:101:100"] {
        let seen = try #require(SeenTransactions(text))
        let numbers = [Int64](0...25) + [99, 100, 101, 4_294_967_298, 4_294_967_299, 4_294_967_300]
        let visible = try await pool.all(
          Query<Bool>(
            "test.visible",
            """
            SELECT pg_visible_in_snapshot(number::text::xid8, \(text)::pg_snapshot)
            FROM unnest(\(numbers)) WITH ORDINALITY AS numbers (number, place) ORDER BY place
            """))
        #expect(numbers.map(seen.contains) == visible, "\(text)")
      }
    }
  }

  @Test(arguments: ["", ":", "1:2", "1:2:3:4", "a:2:", "1:b:", "1:2:c", "1:2:3,,x"])
  func refusesWhatIsNoSnapshot(text: String) {
    #expect(SeenTransactions(text) == nil)
  }

  private static func node(_ snapshot: String?, refuses: Bool = false) -> NodeRoster.Node {
    NodeRoster.Node(
      name: "n", inForce: snapshot.flatMap(SeenTransactions.init), leaseExpiresAt: .distantPast, refuses: refuses)
  }

  private static func receipt(
    of transactions: [Int64], by nodes: [NodeRoster.Node], history: String = "h", run: String = "r"
  ) -> Receipt {
    Receipt(
      of: transactions.map { CommittedChange(transaction: $0, history: history, run: run) },
      by: NodeRoster(history: "h", run: "r", nodes: nodes), after: .zero)
  }

  @Test func aNodeConfirmsWhatItsPositionSeesAll() {
    #expect(Self.receipt(of: [5, 7], by: [Self.node("8:8:")]).isEnforced)
    #expect(!Self.receipt(of: [5, 7], by: [Self.node("7:8:7")]).isEnforced)
    #expect(!Self.receipt(of: [5, 8], by: [Self.node("8:8:")]).isEnforced)
    #expect(!Self.receipt(of: [5], by: [Self.node("8:8:"), Self.node(nil)]).isEnforced)
    #expect(Self.receipt(of: [5], by: []).isEnforced)
  }

  @Test func aNodeThatRefusesNeedsNoPosition() {
    let receipt = Self.receipt(of: [5], by: [Self.node("8:8:", refuses: true), Self.node(nil, refuses: true)])
    #expect(receipt.isEnforced)
    #expect((receipt.nodes, receipt.confirmed, receipt.refusing) == (2, 1, 1))
  }

  @Test(arguments: [("other", "r"), ("h", "other")])
  func nothingIsKnownOfAnotherRunsChanges(history: String, run: String) {
    let receipt = Self.receipt(
      of: [5], by: [Self.node("8:8:"), Self.node(nil, refuses: true)], history: history, run: run)
    #expect(!receipt.isEnforced)
    #expect((receipt.confirmed, receipt.refusing, receipt.unconfirmed.count) == (0, 1, 1))
    #expect(!Self.receipt(of: [5], by: [], history: history, run: run).isEnforced, "nobody is left to be listed")
  }
}
