import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model

extension ConsoleWeb {
  /// Authorizing a key: whose it is, for which groups, until when. All of it is on one page, which comes back with all
  /// that was entered as often as one searches.
  static let newAuthorizationPages: [PageRoute] = [
    .get("/authorizations/new", requires: .manageAuthorizations) { visit in
      return try await visit.entryPage(AuthorizationEntry(visit.visit.query))
    },
    .post("/authorizations/new", requires: .manageAuthorizations) { visit in
      let entry = AuthorizationEntry(visit.visit.form)
      guard entry.secretFields.isEmpty else {
        return try await visit.entryPage(entry, status: 422).refusing(secretsOf: entry, visit.words)
      }
      guard entry.step == .create, !visit.visit.isSecondThought else { return visit.next(entry, "/authorizations/new") }
      guard entry.keyText.isEmpty || entry.hasSeenOwner else {
        return try await visit.entryPage(entry, isToBeConfirmed: true, status: 422)
      }
      return try await visit.entering(entry) {
        let authorization = try await visit.console.createAuthorization(
          entry.draft(now: visit.visit.now), as: visit.principal)
        return .redirect(to: "/authorizations/\(authorization.id)", saying: "authorizationCreated")
      } again: { refusal in
        try await visit.entryPage(entry, refusal: refusal, status: refusal.code.status)
      }
    },
    .get("/authorizations/{id}/edit", requires: .manageAuthorizations) { visit in
      let authorization = try await visit.authorization()
      let entry =
        visit.visit.query[FormVersion.field] == nil
        ? AuthorizationEntry(changing: authorization) : AuthorizationEntry(visit.visit.query)
      return try await visit.editPage(authorization, entry)
    },
    .post("/authorizations/{id}/edit", requires: .manageAuthorizations) { visit in
      let (authorization, entry) = (try await visit.authorization(), AuthorizationEntry(visit.visit.form))
      let path = "/authorizations/\(authorization.id)"
      guard entry.secretFields.isEmpty else {
        return try await visit.editPage(authorization, entry, status: 422).refusing(secretsOf: entry, visit.words)
      }
      guard entry.step == .save || entry.step == .create, !visit.visit.isSecondThought else {
        return visit.next(entry, path + "/edit")
      }
      return try await visit.entering(entry) {
        if FormVersion.isOvertaken(entry.typed, by: AuthorizationEntry(changing: authorization).typed) {
          throw ConsoleError.preconditionFailed
        }
        let changes = try entry.changes(of: authorization, now: visit.visit.now)
        if let confirmation = try await visit.confirmation(of: changes, on: authorization) {
          return confirmation.page(visit.words)
        }
        _ = try await visit.console.updateAuthorization(
          authorization.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: path, saying: "authorizationChanged")
      } again: { refusal in
        var entry = entry
        // Whoever sends it again has seen what others made of it.
        if refusal.code == .preconditionFailed {
          entry.typed[FormVersion.field] = RFC3339.string(authorization.updatedAt)
        }
        return try await visit.editPage(authorization, entry, refusal: refusal, status: refusal.code.status)
      }
    },
  ]
}

extension PageAnswer {
  /// The page that says that a secret was entered where none belongs, unless its field says so.
  fileprivate func refusing(secretsOf entry: AuthorizationEntry, _ words: Words) -> PageAnswer {
    entry.secretFields == ["subscriptionId"] ? self : refusing(words["notice.secret"])
  }
}

extension SignedInVisit {
  /// Does it or, where it is refused for what was entered or for what others did, tells so on the same page.
  fileprivate func entering(
    _ entry: AuthorizationEntry, perform: () async throws -> PageAnswer,
    again: (Refusal) async throws -> PageAnswer
  ) async throws -> PageAnswer {
    do {
      return try await perform()
    } catch {
      guard let refusal = Refusal(error, path: visit.path), refusal.code.isForTheForm else { throw error }
      return try await again(refusal).retrying(after: refusal)
    }
  }

  /// What is asked of a change that takes something from the key; nil where it takes nothing, or was asked.
  fileprivate func confirmation(
    of changes: Authorization.Changes, on authorization: Authorization
  ) async throws -> Confirmation? {
    guard !visit.isConfirmed else { return nil }
    let effects = try await effects(of: changes, on: authorization)
    guard !effects.isEmpty else { return nil }
    return Confirmation(
      word: "authorization.edit.confirm", name: "\(authorization.subscription.name)", effects: effects,
      missed: try await missed(by: .narrowedAuthorization(authorization.id, changes)),
      back: "/authorizations/\(authorization.id)"
    ).carrying(visit.form)
  }

  /// The page that is looked at before anything is done, with all that was entered, or the way back to that.
  fileprivate func next(_ entry: AuthorizationEntry, _ path: String) -> PageAnswer {
    if visit.isSwitchingLanguage { return .redirect(to: entry.address(path)) }
    guard entry.step == .mend, let mend = visit.form["mend"] else {
      return .redirect(to: entry.address(path, at: entry.step ?? .groups))
    }
    let page = ConsoleWeb.ownPath(mend)
    let back = entry.address(path, at: .groups).percentEncoded
    return .redirect(to: page + (page.contains("?") ? "&" : "?") + "\(WayBack.field)=\(back)")
  }

  /// - Parameter isToBeConfirmed: whether it was to be made before it was shown whose key it is.
  fileprivate func entryPage(
    _ entry: AuthorizationEntry, refusal: Refusal? = nil, isToBeConfirmed: Bool = false, status: Int = 200
  ) async throws -> PageAnswer {
    let key = try await key(of: entry)
    var page = try await targetPage(
      entry, taken: taken(for: key.found?.id), refusal: refusal, pinned: entry.typed["groupId"])
    page["isOwn"] = entry.isOwn
    page["ownKeys"] = try await ownKeys(for: entry, key)
    for name in ["keySearch", "subscriptionId"] { page[name] = entry.typed[name] ?? "" }
    if let found = key.found { page["found"] = self.page(found) }
    let complaint = refusal?.errors.first { $0.pointer == "/subscriptionId" }
    page["isToBeConfirmed"] = isToBeConfirmed
    let nothing = entry.isAmbiguous ? "authorization.whichKey" : "authorization.noKey"
    page["keyComplaint"] =
      entry.secretFields.contains("subscriptionId")
      ? words["complaint.secret"]
      : key.refusal.map(words.told) ?? key.complaint.map { words[$0] }
        ?? complaint.map { entry.keyText.isEmpty ? words[nothing] : words.complaint($0.detail) }
    let isKeyWrong = page["keyComplaint"] != nil
    page["focusesOwnKey"] = isKeyWrong && entry.isOwn
    page["focusesID"] = !entry.isOwn && (isKeyWrong || key.found == nil && refusal == nil && visit.query["at"] == nil)
    page["focusesFound"] = isToBeConfirmed || key.found != nil && ["search", "keys"].contains(visit.query["at"])
    if isKeyWrong {
      for focus in ["focusesTargets", "focusesGroups"] { page[focus] = false }
      page["fields"] = unfocused(page["fields"])
    }
    let answer = PageAnswer.page(
      "authorizations.new", title: "authorization.new.title", page,
      status: key.refusal.map { max(status, $0.code.status) } ?? status)
    return key.refusal.map(answer.retrying) ?? answer
  }

  private func page(_ found: FoundSubscription) -> [String: any Sendable] {
    [
      "foundId": found.id.description, "foundName": found.name.description,
      "foundTenant": found.tenant.name.description, "foundSlug": found.tenant.slug.description,
      "isOwnKey": found.tenant.slug == tenant.slug,
    ]
  }

  fileprivate func editPage(
    _ authorization: Authorization, _ entry: AuthorizationEntry, refusal: Refusal? = nil, status: Int = 200
  ) async throws -> PageAnswer {
    let present = AuthorizationEntry(changing: authorization)
    let isOvertaken = refusal?.code == .preconditionFailed
    var page = try await targetPage(
      entry, present: present.targets, besides: isOvertaken ? present : nil,
      taken: taken(for: authorization.subscription.id, but: authorization.id),
      refusal: refusal, pinned: nil)
    page["authorizationId"] = authorization.id.description
    if isOvertaken { page["startsOver"] = visit.path }
    page["version"] = entry.typed[FormVersion.field]
    page["found"] = self.page(authorization.subscription)
    return .page("authorizations.edit", title: "authorization.edit.title", page, status: status)
  }

  /// What is the same for a new authorization and one that is changed: the groups, and the fields below them.
  ///
  /// - Parameter others: what others made of it meanwhile, which is shown beside what was entered.
  private func targetPage(
    _ entry: AuthorizationEntry, present: [EnteredTarget] = [], besides others: AuthorizationEntry? = nil,
    taken: [EnteredTarget: ID<Authorization>], refusal: Refusal?, pinned: String?
  ) async throws -> [String: any Sendable] {
    let search = entry.typed["groupSearch"] ?? ""
    let identity = "\(principal.tenant) targets \(search) "
    let place = TargetTable.Place(entry.typed["groups"], of: identity)
    let table = try await TargetTable(
      from: place, like: SearchText(search), chosen: entry.targets + present, pinned: pinned, present: present,
      taken: taken, self)
    let errors = refusal?.errors ?? []
    let endForm = Self.endForm(try await LimitPolicyOptions(self))
    let own = errors.filter { complaint in endForm.fields.contains { $0.isMeant(by: complaint) } }
    let fields = endForm.page(entry.typed, complaints: own, besides: others?.typed, words: words)
    var page: [String: any Sendable] = [
      Layout.keepsTyped: true, Layout.enter: ["name": "step", "value": "enter"],
      "rows": table.page(words, chosen: entry.targets, besides: others?.targets), "hasRows": !table.isEmpty,
      "environments": TargetTable.heads(words),
      "isContinued": !place.isBeginning, "hasPages": !place.isBeginning || table.next != nil,
      "groupsCursor": place.text(of: identity), "groupSearch": search,
      "isNotFound": !search.isEmpty && !table.hasFound,
      "hasGroups": !table.isEmpty || !search.isEmpty, "groupId": entry.typed["groupId"] ?? "",
    ]
    // The first that is wrong has the focus; without any, one begins with the key, or where one has been.
    let isWrong = errors.contains { $0.pointer.hasPrefix("/targets") }
    page["fields"] = isWrong || errors.isEmpty ? unfocused(fields["fields"]) : fields["fields"]
    page["focusesTargets"] = isWrong
    page["focusesGroups"] = refusal == nil && visit.query["at"] == AuthorizationEntry.Step.groups.rawValue
    let elsewhere = table.elsewhere(entry.targets)
    page["elsewhere"] = elsewhere.map { AuthorizationEntry.name($0.group, $0.environment) }
    if !elsewhere.isEmpty {
      page["elsewhereCount"] = words["authorization.elsewhere", ["count": "\(elsewhere.count)"]]
    }
    page["nextGroups"] = table.next.map { $0.text(of: identity) }
    page["targetComplaints"] = errors.filter { $0.pointer.hasPrefix("/targets") }.map {
      targetComplaint($0, entry.targets, table)
    }
    page["isWrong"] = isWrong
    if let refusal, errors.isEmpty { page["refusal"] = words.told(refusal) }
    return page
  }

  private func unfocused(_ fields: (any Sendable)?) -> [[String: any Sendable]]? {
    (fields as? [[String: any Sendable]])?.map { $0.merging(["autofocus": false]) { $1 } }
  }

  private func targetComplaint(
    _ complaint: InvalidInput.Complaint, _ targets: [EnteredTarget], _ table: TargetTable
  ) -> String {
    let parts = complaint.pointer.split(separator: "/")
    guard parts.count > 1, let place = Int(parts[1]), targets.indices.contains(place) else {
      return words[targets.isEmpty ? "authorization.noTarget" : "authorization.tooManyTargets"]
    }
    return words.labelled(table.name(of: targets[place], words), words.complaint(complaint.detail))
  }

  private static func endForm(_ policies: LimitPolicyOptions) -> Form<Authorization.Changes> {
    Form(
      fields: [
        policies.field("authorization.limits"),
        FormField(name: "expiresAt", kind: .time, word: "authorization.expiresAt"),
        FormField(name: "description", kind: .area, word: "authorization.description"),
      ], shape: Authorization.Changes.shape, submit: "authorization.create")
  }
}
