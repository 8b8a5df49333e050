import Model
import Store

/// Statements about groups, their drafts and what is live of them, each of which names something of the holder's.
extension Holder {
  var groupTrials: [StatementTrial] {
    let changes = APIGroup.Changes(
      name: DisplayName("Changed"), description: .keep, prefix: nil, accessMode: nil, keyHeaders: .keep, cors: .keep)
    let mode = APIGroup.EnvironmentChanges(
      accessMode: .set(.observe), limitPolicy: .set(Reference(limitPolicy.description)))
    return [
      StatementTrial(APIGroups.find(group, in: tenant)),
      StatementTrial(APIGroups.find(all: [group], in: tenant)),
      StatementTrial(APIGroups.lockPolicy(of: group, in: tenant)),
      StatementTrial(APIGroups.update(group, to: changes, policy: .keep, expecting: .any, in: tenant)),
      StatementTrial(APIGroups.update(.online, of: group, to: mode, expecting: .any, in: tenant)),
      StatementTrial(APIGroups.lock(group, in: tenant)),
      StatementTrial(APIGroups.lockForReference(Reference(group.description), in: tenant)),
      StatementTrial(APIGroups.exists(group, in: tenant)),
      StatementTrial(APIGroups.delete(group, in: tenant)),
    ] + apiTrials + revisionTrials + deploymentTrials + domainTrials
  }

  private var apiTrials: [StatementTrial] {
    let (pattern, other) = (Self.pattern("/pets"), Self.pattern("/other"))
    let draft = API.Draft(name: DisplayName("Other")!, description: nil, pattern: other)
    let renamed = API.Changes(name: DisplayName("Changed"), description: .keep, method: nil, path: nil, match: nil)
    let moved = API.Changes(name: nil, description: .keep, method: nil, path: other.path, match: nil)
    return [
      StatementTrial(APIs.insert(draft, id: .random(), into: group, in: tenant)),
      StatementTrial(APIs.find(api, of: group, in: tenant)),
      StatementTrial(APIs.list(of: group, API.Filter(text: nil), after: nil, limit: 51, in: tenant)),
      StatementTrial(APIs.update(api, of: group, to: renamed, expecting: .any, in: tenant)),
      StatementTrial(APIs.find(takingCallsOf: pattern, in: group, of: tenant)),
      StatementTrial(APIs.find(inTheWayOf: moved, to: api, of: group, in: tenant), after: [Self.another]),
      StatementTrial(APIs.delete(api, of: group, in: tenant)),
      StatementTrial(APIImports.all(of: group, in: tenant)),
      StatementTrial(ImportReports.find(of: group, in: tenant)),
      StatementTrial(
        ImportReports.replace(
          with: APIImport.Outcome(created: 0, updated: 0, skipped: []), of: group, in: tenant)),
      StatementTrial(APIImports.update([api], to: [draft], in: tenant)),
    ]
  }

  private static let another = """
    INSERT INTO apis (tenant_id, id, group_id, name, method, path, match)
    SELECT tenant_id, 'another ' || id, group_id, name, method, '/other', match FROM apis
    """

  private static func pattern(_ path: String) -> APIPattern {
    APIPattern(method: .get, path: APIPath(path)!, match: .exact)
  }

  private var revisionTrials: [StatementTrial] {
    let draft = Revision.Draft(version: RevisionVersion("0.0.2")!, note: nil)
    return [
      StatementTrial(Revisions.insert(draft, id: .random(), of: group, in: tenant)),
      StatementTrial(Revisions.find(revision, of: group, in: tenant)),
      StatementTrial(Revisions.find(version: RevisionVersion("0.0.1")!, of: group, in: tenant)),
      StatementTrial(Revisions.list(of: group, Revision.Filter(), after: nil, limit: 51, in: tenant)),
    ]
  }

  private var deploymentTrials: [StatementTrial] {
    let version = RevisionVersion("0.0.1")!
    let backend = SealedBackend(.mock(MockResponse(status: 200, headers: [], body: "")), sealedHeaders: nil)
    return [
      StatementTrial(Deployments.touchGroup(group, freezingPrefix: true, in: tenant)),
      StatementTrial(Deployments.end(group, in: .online, of: tenant)),
      StatementTrial(Deployments.insert(version, to: .test, backend, id: .random(), of: group, in: tenant)),
      StatementTrial(Deployments.find(deployment, of: group, in: tenant)),
      StatementTrial(
        Deployments.list(of: group, Deployment.Filter(environment: nil), after: nil, limit: 51, in: tenant)),
      StatementTrial(Deployments.liveEnvironments(of: group, in: tenant)),
    ]
  }

  private var domainTrials: [StatementTrial] {
    let reference = Reference<APIGroup>(group.description)
    let draft = Domain.Draft(host: HostName("new.acme.example")!, group: reference, environment: .online)
    let changes = Domain.Changes(group: reference, environment: .test)
    return [
      StatementTrial(Domains.insert(draft, id: .random(), token: .random(), in: tenant)),
      StatementTrial(Domains.find(domain, in: tenant)),
      StatementTrial(Domains.update(domain, to: changes, expecting: .any, in: tenant)),
      StatementTrial(Domains.delete(domain, in: tenant)),
    ]
  }

  /// Statements about all groups, and one about what others have live where this tenant has nothing.
  var groupListTrials: [StatementTrial] {
    let draft = APIGroup.Draft(
      name: DisplayName("New")!, description: nil, prefix: Slug("new")!, accessMode: .open, keyHeaders: [], cors: nil)
    let offline = "UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(tenant)'"
    let filter = Domain.Filter(host: nil, group: nil, environment: nil, state: nil)
    func targets(all: Bool) -> AuthorizableTarget.Filter { AuthorizableTarget.Filter(all: all) }
    return [
      StatementTrial(APIGroups.insert(draft, id: .random(), in: tenant), finds: 1),
      StatementTrial(APIGroups.list(APIGroup.Filter(text: nil), after: nil, limit: 51, in: tenant)),
      StatementTrial(
        APIGroups.list(APIGroup.Filter(limitPolicy: usedLimitPolicy), after: nil, limit: 51, in: tenant)),
      StatementTrial(Domains.list(filter, after: nil, limit: 51, in: tenant)),
      // Its group is gone, and another tenant's is not.
      StatementTrial(
        Domains.update(domain, to: Domain.Changes(group: nil, environment: .test), expecting: .any, in: tenant),
        after: [Self.unchecked, "DELETE FROM api_groups WHERE tenant_id = '\(tenant)'"], finds: 0),
      StatementTrial(AuthorizableTargets.list(targets(all: true), after: nil, limit: 51, in: tenant)),
      StatementTrial(
        AuthorizableTargets.list(targets(all: false), after: nil, limit: 51, in: tenant), after: [offline], finds: 0),
      StatementTrial(
        AuthorizableTargets.list(
          AuthorizableTarget.Filter(all: true, of: .usable), after: nil, limit: 51, in: tenant),
        after: [offline], finds: 0),
      StatementTrial(
        AuthorizableTargets.list(
          AuthorizableTarget.Filter(all: true, of: .others), after: nil, limit: 51, in: tenant),
        after: ["UPDATE deployments SET ended_at = now() WHERE tenant_id <> '\(tenant)'"], finds: 0),
      StatementTrial(
        AuthorizationTargets.judge([target], for: nil, in: tenant), after: [offline], finds: 1),
      StatementTrial(OfflineTargets.list(limit: 51, in: tenant), after: ["UPDATE deployments SET ended_at = now()"]),
      StatementTrial(OfflineTargets.list(limit: 51, in: tenant), after: [offline]),
      StatementTrial(OfflineTargets.list(limit: 51, in: tenant), after: [offline, noOwnTargets], finds: 0),
      // Given by the other one, where only its own deployments, and only this tenant's keys count.
      StatementTrial(
        OfflineReceivedTargets.list(limit: 51, in: tenant), after: ["UPDATE deployments SET ended_at = now()"], finds: 1
      ),
      StatementTrial(
        OfflineReceivedTargets.list(limit: 51, in: tenant), after: [Self.unchecked, liveElsewhere], finds: 1),
      StatementTrial(
        OfflineReceivedTargets.list(limit: 51, in: tenant),
        after: ["UPDATE deployments SET ended_at = now()", noOwnKeys],
        finds: 0),
    ] + progressTrials
  }

  /// What this tenant is authorized for by another is live by a row of this tenant's own, which is none of that group's.
  private var liveElsewhere: String {
    """
    WITH ended AS (UPDATE deployments SET ended_at = now() WHERE tenant_id <> '\(tenant)')
    UPDATE deployments d
    SET group_id = x.group_id
    FROM authorization_targets x
    WHERE d.tenant_id = '\(tenant)' AND d.ended_at IS NULL AND d.environment = x.environment
      AND x.subscriber_tenant_id = '\(tenant)' AND x.tenant_id <> '\(tenant)'
    """
  }

  /// How far the tenant has come, where only others have used a secret, have a key, or have a group that is not open.
  private var progressTrials: [StatementTrial] {
    let use = "UPDATE subscription_secrets SET last_used_at = now()"
    return [
      [use + " WHERE tenant_id <> '\(tenant)'"],
      [use, Self.unchecked, "DELETE FROM subscription_keys WHERE tenant_id = '\(tenant)'"],
      [
        Self.unchecked, "DELETE FROM authorizations WHERE tenant_id = '\(tenant)'",
        "UPDATE api_groups SET access_mode = 'open' WHERE tenant_id = '\(tenant)'",
      ],
    ].map { StatementTrial(StoryProgresses.find(in: tenant), after: $0, finds: 1) }
  }
}
