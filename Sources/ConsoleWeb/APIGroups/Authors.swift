import Console
import Foundation
import Model

/// Who released what, as the audit has it.
extension SignedInVisit {
  /// Nil where the audit does not tell, or the account is gone.
  func author(of deployment: Deployment) async throws -> String? {
    let filter = AuditEvent.Filter(action: Self.released, entity: deployment.id.description)
    let events = try await console.auditEvents(filter, SliceRequest(limit: 1), as: principal)
    guard let account = events.items.first?.account else { return nil }
    do {
      return try await console.account(account, as: principal).name.description
    } catch ConsoleError.notFound {
      return nil
    }
  }

  /// The same of a page of a list, whose deployments were made within some time, each by its id: of those that are not
  /// among the last 200 of the whole tenant within that time, nothing is known.
  func authors(of deployments: [Deployment]) async throws -> [String: String] {
    let times = deployments.map(\.createdAt)
    guard let first = times.min(), let last = times.max() else { return [:] }
    let filter = AuditEvent.Filter(
      action: Self.released, from: first.addingTimeInterval(-60), to: last.addingTimeInterval(60))
    let events = try await console.auditEvents(filter, SliceRequest(limit: 200), as: principal).items
    let names = try await accountNames(of: events.compactMap(\.account))
    return Dictionary(
      events.compactMap { event in event.account.flatMap { names["\($0)"] }.map { (event.entityID, $0) } }
    ) { first, _ in first }
  }

  private static let released = "deployment.created"
}
