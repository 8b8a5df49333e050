import Gateway
import Metering
import Metrics
import Node
import Routing
import Telemetry

extension MetricsRegistry {
  /// Keeps how long new snapshots keep event loops from their calls.
  func swapTimer() -> @Sendable (Duration) -> Void {
    let timer = Timer(label: "latchkey.snapshot.swap.duration", dimensions: [], factory: self)
    return { timer.record(duration: $0) }
  }

  /// What a gateway tells of itself besides what its parts record.
  func observe(_ snapshots: SnapshotCell, _ registration: NodeRegistration, _ tally: RequestTally) {
    observe("latchkey.snapshot.age.seconds") { snapshots.freshness.age(at: snapshots.lease.now()).map(Self.seconds) }
    observe("latchkey.snapshot.servable") { snapshots.freshness.isServable(at: snapshots.lease.now()) ? 1 : 0 }
    observe("latchkey.node.lease.held") { snapshots.lease.isHeld ? 1 : 0 }
    observe("latchkey.node.lease.remaining.seconds") { Self.seconds(snapshots.lease.remaining) }
    observe("latchkey.node.refuses_without_lease") { snapshots.lease.withoutLease == .refuse ? 1 : 0 }
    observe("latchkey.node.confirmation.age.seconds") { registration.confirmationAge.map(Self.seconds) }
    observe("latchkey.gateway.turn.waits", .counter) { Double(tally.waitsForTurn) }
    for share in RequestTally.Share.allCases {
      observe("latchkey.gateway.share.refusals", .counter, dimensions: [("share", "\(share)")]) {
        Double(tally.beyond(share))
      }
    }
    for listener in RequestTally.Listener.allCases {
      for statusClass in 1...5 {
        let dimensions = [("listener", listener.rawValue), ("http.response.status_class", "\(statusClass)xx")]
        observe("latchkey.gateway.requests", .counter, dimensions: dimensions) {
          Double(tally.count(of: statusClass, on: listener))
        }
      }
      for status in RequestTally.ObservedStatus.allCases {
        let dimensions = [("listener", listener.rawValue), ("http.response.status_code", "\(status.rawValue)")]
        observe("latchkey.gateway.observed.refusals", .counter, dimensions: dimensions) {
          Double(tally.countObserved(status, on: listener))
        }
      }
    }
  }

  /// What a gateway counted for usage and has not told, and what is lost of it.
  func observe(_ usage: UsageLog, _ spool: UsageSpool) {
    observe("latchkey.usage.unsent.bytes") { Double(spool.byteCount) }
    observe("latchkey.usage.lost.calls", .counter) { Double(usage.lost) }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
