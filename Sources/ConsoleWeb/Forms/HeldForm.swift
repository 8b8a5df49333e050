import Model

/// What was typed into a form that could not be taken for the moment: the database was away, the session over, or the
/// form of another session. It is kept in the page that says so, to be sent again from there.
struct HeldForm: Sendable {
  /// Where it goes: a path of ours.
  let path: String
  let encoding: FormEncoding
  private let typed: TypedForm
  /// Whether something was left out that no page shows again.
  let lacksSecrets: Bool

  /// - Parameter typed: as it came. Nil where nothing was typed but what pages put in themselves.
  init?(_ typed: TypedForm, to path: String, _ encoding: FormEncoding) {
    let secret = (typed["secret"] ?? "").trimmedBlanks
    let names = typed.names.filter { !Self.unkept.contains($0) && !Self.secrets.contains($0) }
    let isMasked = typed["secret"] != nil
    var kept = TypedForm()
    for name in names { kept[name] = typed[name].map { isMasked ? TrialCall.masked($0, secret: secret) : $0 } }
    guard names.contains(where: { !Self.ownMarks.contains($0) && !(kept[$0] ?? "").isEmpty }) else { return nil }
    (self.typed, self.path, self.encoding) = (kept, path, encoding)
    lacksSecrets = Self.secrets.contains { !(typed[$0] ?? "").isEmpty }
  }

  /// What a sign-in carries along; nil for a sign-in that carries nothing.
  init?(carriedBy form: TypedForm) {
    guard let path = form[Self.pathField] else { return nil }
    var typed = TypedForm()
    for name in form.names where name.hasPrefix(Self.prefix) { typed[String(name.dropFirst(5))] = form[name] }
    let encoding = form[Self.encodingField].flatMap(FormEncoding.init) ?? .urlencoded
    self.init(typed, to: ConsoleWeb.ownPath(path), encoding)
  }

  private static let prefix = "held:"
  private static let pathField = "heldPath"
  private static let encodingField = "heldEncoding"

  /// What belongs to the page that the form was on, or would answer a question that is to be asked again.
  private static let unkept: Set<String> = [FormToken.field, Confirmation.field, Language.field, "username"]
  /// What pages put into forms themselves.
  private static let ownMarks: Set<String> = [
    OnceOnly.field, FormVersion.field, WayBack.field, "step", "mend", "seen", "groups", "lookedFor", "groupsLookedFor",
    "type", "whose",
  ]
  /// What is typed anew each time.
  private static let secrets: Set<String> = ["password", "owner/password", "current", "new", "secret"]
}

extension HeldForm {
  /// What the template wants of it.
  ///
  /// - Parameter isCarried: whether it goes with a sign-in, under names of its own.
  func page(_ words: Words, isCarried: Bool) -> [String: any Sendable] {
    func carried(_ name: String) -> String { isCarried ? Self.prefix + name : name }
    let shown = Self.shown.filter { isShown($0.name) }
    let fields = shown.map { place -> [String: any Sendable] in
      var field = FormField(name: carried(place.name), kind: place.kind, word: place.word)
      // A browser that looks at times itself would not let one be emptied.
      field.isRequired = !field.isTime
      let value = TypedForm([field.name: typed[place.name] ?? ""])
      // What the form says of the field is said there.
      var page = field.page(value, complaint: nil, focuses: false, words: words)
      page["isDescribed"] = false
      return page
    }
    let others = typed.names.filter { name in !shown.contains { $0.name == name } }
    var hidden = others.map { ["name": carried($0), "value": typed[$0] ?? ""] as [String: any Sendable] }
    if isCarried {
      hidden += [
        ["name": Self.pathField, "value": path], ["name": Self.encodingField, "value": encoding.rawValue],
      ]
    }
    return [
      "heldFields": fields, "heldHidden": hidden, "hasHeldFields": !fields.isEmpty, "lacksSecrets": lacksSecrets,
      "isMultipart": encoding == .multipart, Layout.keepsTyped: true,
      "hasTime": fields.contains { $0["isTime"] as? Bool == true },
    ]
  }

  /// Of a form's version, which a page puts in itself, a revision's is told apart by its look.
  private func isShown(_ name: String) -> Bool {
    guard let value = typed[name], !value.isEmpty else { return false }
    return name != FormVersion.field || RFC3339.date(value) == nil
  }

  /// What is shown, in this order; the rest goes along unseen.
  private static let shown: [(name: String, kind: FormField.Kind, word: String)] = [
    ("name", .text, "key.name"), ("slug", .text, "signUp.slug"), ("owner/name", .text, "signUp.ownerName"),
    ("owner/email", .text, "signIn.email"), ("email", .text, "signIn.email"), ("tenant", .text, "signIn.tenant"),
    ("token", .text, "invitation.token"), ("value", .text, "import.value"), ("rows", .area, "import.rows"),
    ("version", .text, "revision.version"), ("note", .area, "revision.note"), ("prefix", .text, "group.prefix"),
    ("host", .text, "domain.host"), ("subscriptionId", .text, "key.id"), ("url", .text, "explain.url"),
    ("path", .text, "api.path"), ("description", .area, "key.description"), ("expiresAt", .time, "key.expiresAt"),
    ("providers", .area, "key.providers"), ("keyHeaders", .area, "group.keyHeaders"),
    ("cors/allowedOrigins", .area, "cors.origins"), ("cors/allowedMethods", .area, "cors.methods"),
    ("cors/allowedHeaders", .area, "cors.headers"), ("cors/exposedHeaders", .area, "cors.exposedHeaders"),
    ("cors/maxAgeSeconds", .text, "cors.maxAge"), ("backend/url", .text, "release.url"),
    ("secretHeaders", .area, "release.secretHeaders"), ("mockHeaders", .area, "release.mockHeaders"),
    ("backend/body", .area, "release.body"), ("query", .area, "tryIt.query"), ("headers", .area, "tryIt.headers"),
    ("body", .area, "tryIt.body"), ("document", .area, "document.text"),
    ("limits/second/requests", .text, "limit.period.second"), ("limits/minute/requests", .text, "limit.period.minute"),
    ("limits/hour/requests", .text, "limit.period.hour"), ("limits/day/requests", .text, "limit.period.day"),
    ("limits/month/requests", .text, "limit.period.month"),
  ]
}
