import FoundationEssentials
import Model
import Store
import TestPostgres

@testable import Postgres

/// A tenant with much of everything, another's rows among its own, and what its lists may read.
///
/// What is rare is old: whoever reads from the newest until it has enough reads everything.
struct LargeTenant: Sendable {
  let owner: Caller
  let other: Caller

  private let group = ID<APIGroup>(bits: 1)
  /// Of the other tenant, with many authorizations.
  private let key = ID<SubscriptionKey>(bits: 7)
  /// Deep in a list of however many.
  private func deep<Entity>(_ days: Double = 0.2, name: String = "", in order: ListOrder = .newest) -> Position<Entity>
  {
    Position(createdAt: Date(timeIntervalSinceNow: -days * 86_400), id: .random(), name: name, in: order)
  }

  /// The beginning of a list and somewhere deep in it, in each of its orders.
  private func places<Entity>(
    name: String, _ orders: [ListOrder] = ListOrder.allCases
  ) -> [(ListOrder, Position<Entity>?)] {
    orders.flatMap { order in [(order, nil), (order, deep(name: name, in: order))] }
  }

  var budgets: [ListBudget] {
    keys + attention + authorizations + provider + limitPolicies + accounts + audit + usage
  }

  private func budget<Result>(_ limit: Int, _ statement: Statement<Result>) -> ListBudget {
    ListBudget(limit, statement, as: owner)
  }

  private var keys: [ListBudget] {
    let (rare, common) = (SearchText("rare")!, SearchText("common")!)
    let positions: [Position<SubscriptionKey>?] = [nil, deep()]
    let places: [(ListOrder, Position<SubscriptionKey>?)] = places(name: "Common 5")
    let lists = places.flatMap { order, position in
      [nil, .active, .disabled, .expired].flatMap { (state: SubscriptionKey.Listed?) in
        [nil, common].map { text in
          budget(
            550,
            SubscriptionKeys.list(
              SubscriptionKey.Filter(text: text, state: state), order, after: position, limit: 51, in: owner.tenant))
        }
      }
    }
    return lists
      + places.map { budget(550, SubscriptionKeys.listDeleted(nil, $0, after: $1, limit: 51, in: owner.tenant)) }
      + places.map { budget(800, SubscriptionKeys.listDeleted(common, $0, after: $1, limit: 51, in: owner.tenant)) }
      // The one list that reads all of a tenant's keys: what is searched for is nowhere. The other tenant has 1,000.
      + positions.map { position in
        ListBudget(
          1_300,
          SubscriptionKeys.list(
            SubscriptionKey.Filter(text: rare, state: nil), after: position, limit: 51, in: other.tenant),
          as: other)
      }
  }

  private var attention: [ListBudget] {
    let (soon, common) = (Date(timeIntervalSinceNow: 30 * 86_400), SearchText("common")!)
    let position = Position<SubscriptionKey>(createdAt: Date(timeIntervalSinceNow: 3 * 86_400), id: .random())
    return [nil, position].flatMap { position in
      [nil, common].map { text in
        budget(550, SubscriptionKeys.listExpiring(by: soon, text, after: position, limit: 51, in: owner.tenant))
      }
    } + [
      budget(550, SubscriptionKeys.listRotated(limit: 51, in: owner.tenant)),
      // It looks at each group's three targets.
      budget(15_000, OfflineTargets.list(limit: 51, in: owner.tenant)),
      // It looks at each of some thousand targets that the other tenant's keys have, and at their newest authorizations.
      ListBudget(25_000, OfflineReceivedTargets.list(limit: 51, in: other.tenant), as: other),
      // A hundred keys, each with its secret.
      budget(1_200, StoryProgresses.find(in: owner.tenant)),
      ListBudget(1_200, StoryProgresses.find(in: other.tenant), as: other),
    ]
  }

  private var authorizations: [ListBudget] {
    let places: [(ListOrder, Position<Authorization>?)] = places(name: "", [.newest, .oldest])
    let states: [Authorization.State?] = [nil, .active, .expired, .withdrawn]
    let filters = [nil, key].flatMap { key in
      [nil, group].flatMap { group in
        [nil, DeploymentEnvironment.test].flatMap { environment in
          states.map {
            Authorization.Filter(subscription: key, group: group, environment: environment, state: $0)
          }
        }
      }
    }
    return filters.flatMap { filter in
      places.map { order, position in
        // All that are withdrawn are gathered first, through every authorization of the tenant.
        budget(
          filter.state == .withdrawn ? 120_000 : 2_500,
          Authorizations.list(filter, order, after: position, limit: 51, in: owner.tenant))
      }
    }
      + places.flatMap { order, position in
        // In each of them; and in none of the other tenant's 2,000, all of which are looked at.
        [(SearchText("common")!, 2_500, owner), (SearchText("no such")!, 40_000, other)].map { text, limit, caller in
          let filter = Authorization.Filter(
            subscription: nil, group: nil, environment: nil, state: nil, text: text)
          return ListBudget(
            limit, Authorizations.list(filter, order, after: position, limit: 51, in: caller.tenant), as: caller)
        }
      }
      + [nil, deep()].map { position in
        ListBudget(2_000, ReceivedAuthorizations.list(of: key, after: position, limit: 51), as: other)
      }
      + [nil, deep()].map { position in
        let place = position.map {
          ReceivedLimits.Place(authorization: $0, group: group, environment: .preview)
        }
        return ListBudget(8_000, ReceivedLimitStatements.targets(of: key, after: place, limit: 51), as: other)
      }
      + [
        ListBudget(7_000, ReceivedLimitStatements.list(of: key, at: receivedTargets), as: other),
        budget(2_000, RemainingLimits.list(of: ID(decimal: 19_950), in: owner.tenant)),
      ]
  }

  /// A page of the key's, of what its own tenant gave it.
  private var receivedTargets: [ReceivedLimits.Key] {
    (1...51).map {
      ReceivedLimits.Key(authorization: ID(decimal: $0), group: ID(decimal: 5_000 + $0), environment: .online)
    }
  }

  /// Some policies, some of which many and some of which few are under.
  private var limitPolicies: [ListBudget] {
    let places: [(ListOrder, Position<LimitPolicy>?)] = places(name: "Policy")
    let lists = places.flatMap { order, position in
      [(SearchText?.none, 120), (SearchText("no such"), 600)].map { text, limit in
        budget(
          limit, LimitPolicies.list(LimitPolicy.Filter(text: text), order, after: position, limit: 51, in: owner.tenant)
        )
      }
    }
    return [1, 2, 3].map { ID<LimitPolicy>(bits: $0) }.reduce(into: lists) { lists, policy in
      lists.append(budget(2_500, Authorizations.list(under: policy, in: owner.tenant)))
      let later = Authorization.Filter(limitPolicy: policy)
      lists.append(
        budget(2_500, Authorizations.list(later, .oldest, after: deep(), limit: 51, in: owner.tenant)))
      lists.append(budget(1_000, APIGroups.list(under: policy, in: owner.tenant)))
    }
  }

  private var provider: [ListBudget] {
    let (groups, deployments) = ([nil, deep()] as [Position<APIGroup>?], [nil, deep()] as [Position<Deployment>?])
    let lists =
      places(name: "Group").flatMap { order, position in
        [nil, SearchText("no such")].map { text in
          budget(
            600,
            APIGroups.list(APIGroup.Filter(text: text), order, after: position, limit: 51, in: owner.tenant))
        }
      }
      + places(name: "/p2").map {
        budget(120, APIs.list(of: group, API.Filter(), $0, after: $1, limit: 51, in: owner.tenant))
      }
      + [nil, deep()].flatMap { position in
        [nil, SearchText("no such")].map { text in
          budget(
            120, Revisions.list(of: group, Revision.Filter(text: text), after: position, limit: 51, in: owner.tenant))
        }
      }
    let targets = groups.flatMap { position in
      [true, false].map { all in
        budget(
          // Of the tenant's 1,000 groups, 10 can be authorized, the oldest.
          all ? 600 : 1_500,
          AuthorizableTargets.list(
            AuthorizableTarget.Filter(all: all),
            after: position.map { AuthorizableTarget.Place(group: $0, environment: .preview) }, limit: 51,
            in: owner.tenant))
      }
    }
    // By whether they can be authorized, all groups are looked at, as they are for what none has.
    let sorted = groups.flatMap { position in
      [AuthorizableTarget.Filter.Groups.usable, .others].flatMap { groups in
        [nil, SearchText("Group"), SearchText("no such")].map { text in
          budget(
            11_000,
            AuthorizableTargets.list(
              AuthorizableTarget.Filter(all: true, of: groups, like: text),
              after: position.map { AuthorizableTarget.Place(group: $0, environment: .online) }, limit: 60,
              in: owner.tenant))
        }
      }
    }
    return lists + targets + sorted
      + deployments.flatMap { position in
        [nil, .preview, .test].map { (environment: DeploymentEnvironment?) in
          budget(
            350,
            Deployments.list(
              of: group, Deployment.Filter(environment: environment), after: position, limit: 51, in: owner.tenant))
        }
      }
  }

  private var accounts: [ListBudget] {
    let digest = SecretDigest(hashing: owner.token)
    // Tokens and sessions of one account lie each on a block of its own.
    // What is searched for is in each of them, or in none, for which all are looked at.
    let texts: [(SearchText?, Int)] = [(nil, 60), (SearchText("0"), 60), (SearchText("no such"), 1_000)]
    return texts.flatMap { text, limit in
      places(name: "A").map {
        budget(limit, Accounts.list(Account.Filter(text: text), $0, after: $1, limit: 51, in: owner.tenant))
      }
        + places(name: "T").map {
          budget(limit, AccessTokens.list(of: nil, text, $0, after: $1, limit: 51, in: owner.tenant))
        }
        + places(name: "T").map {
          budget(
            max(limit, 120), AccessTokens.list(of: owner.account, text, $0, after: $1, limit: 51, in: owner.tenant))
        }
    }
      + [nil, deep()].map {
        budget(120, Sessions.list(of: owner.account, current: digest, after: $0, limit: 51, in: owner.tenant))
      }
      + [budget(30, Accounts.lockOwners(in: owner.tenant))]
  }

  /// Of a month in which each of 100 keys called each of 20 groups every day, a page's first step.
  private var usage: [ListBudget] {
    let filters = [
      UsageReport.Filter(), UsageReport.Filter(key: ID(bits: 7)), UsageReport.Filter(group: group),
      UsageReport.Filter(key: ID(bits: 7), group: group),
    ]
    let groupings: [(Set<UsageReport.Dimension>, days: Double, limit: Int)] = [
      // Of everything, or of one thing, a few blocks for each day, twice.
      ([], 30, 900), ([.environment, .outcome], 30, 900), ([.key], 4, 1_200), ([.group], 4, 1_200),
      // Each of the two thousand of a day.
      ([.key, .group], 1, 6_000), ([.api], 4, 1_200),
    ]
    return groupings.flatMap { dimensions, days, limit in
      filters.map { filter in
        let question = UsageReport.Question(
          from: .now - days * 86_400, bucket: .day, by: dimensions, filter: filter)
        let span = try! UsageReport.Span(question, now: .now)
        return budget(limit, UsageReports.list(question, in: span, offset: 0, limit: 51, of: owner.tenant))
      }
    }
  }

  private var audit: [ListBudget] {
    let positions: [Position<AuditEvent>?] = [nil, Position(createdAt: .now, id: ID(bits: 60_000))]
    let old = Date(timeIntervalSinceNow: -0.9 * 86_400)
    let filters = [nil, "apiGroup.created", "apiGroup"].flatMap { action in
      [nil, "sub_7"].flatMap { entity in
        [nil, owner.account.description].flatMap { account in
          [(nil, nil), (nil, old), (old, old + 600)].map { (from: Date?, to: Date?) in
            AuditEvent.Filter(action: action, entity: entity, account: account, from: from, to: to)
          }
        }
      }
    }
    return filters.flatMap { filter in
      // Several filters at once cost what the narrowest of them leaves.
      positions.flatMap { position in
        [.newest, .oldest].map { (order: ListOrder) in
          budget(1_600, AuditEvents.list(filter, order, after: position, limit: 51, in: owner.tenant))
        }
      }
    }
  }
}

extension ID {
  /// The id whose digits are those of a number.
  fileprivate init(decimal number: Int) {
    let digits = String(number)
    self.init("\(Entity.idPrefix)_" + String(repeating: "0", count: 26 - digits.count) + digits)!
  }
}
