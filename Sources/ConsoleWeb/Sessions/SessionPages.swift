import Console
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  static let sessionPages: [PageRoute] = [
    .open("/sign-in") { visit in
      visit.signInPage(signInForm.page(visit.query, words: visit.words), isOver: visit.query["over"] != nil)
    },
    // What a sign-in carries along may be as long as any form.
    .openPost("/sign-in", .multipart) { visit in
      let held = HeldForm(carriedBy: visit.form)
      return try await visit.submitting(signInForm) { form, status in
        if let held { return heldSignIn(held, form, visit.words, status: status) }
        return visit.signInPage(form, status: status)
      } perform: { credentials in
        let session = try await visit.console.signIn(credentials)
        return held.map { .resume($0, session) } ?? .begin(session, at: ownPath(visit.query["next"]))
      }
    },
    .open("/sign-up") { visit in
      guard visit.console.isSignUpOpen else {
        return .page("sessions.sign-up-closed", title: "signUp.title", [:], status: 403)
      }
      return .page("sessions.sign-up", title: "signUp.title", ["form": signUpForm.page(words: visit.words)])
    },
    .openPost("/sign-up") { visit in
      try await visit.submitting(signUpForm) { form, status in
        .page("sessions.sign-up", title: "signUp.title", ["form": form], status: status)
      } perform: { draft in
        .begin(try await visit.console.signUp(draft), at: "/")
      }
    },
    .openPost(RouterPath(languagePath)) { visit in
      .speak(visit.form[Language.field].flatMap(Language.init) ?? .english, at: Self.ownPath(visit.form["back"]))
    },
    .post("/sign-out", requires: .anyRole) { visit in
      try await visit.console.signOut(visit.principal)
      return .end(at: "/sign-in")
    },
  ]

  /// Where the switch of a page leads that has no form with something typed into it.
  static let languagePath = "/language"

  static let signInForm = Form(
    fields: [
      FormField(
        name: "tenant", kind: .text, word: "signIn.tenant", isRequired: true, maximumLength: 63,
        autocomplete: "organization"),
      FormField(name: "email", kind: .email, word: "signIn.email", isRequired: true, autocomplete: "username"),
      FormField(
        name: "password", kind: .currentPassword, word: "signIn.password", isRequired: true,
        autocomplete: "current-password"),
    ], shape: Session.Credentials.shape, submit: "signIn.submit")

  private static let signUpForm = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "signUp.name", isRequired: true, autocomplete: "organization"),
      FormField(name: "slug", kind: .text, word: "signUp.slug", isRequired: true, maximumLength: 63),
      FormField(name: "owner/name", kind: .text, word: "signUp.ownerName", isRequired: true, autocomplete: "name"),
      FormField(name: "owner/email", kind: .email, word: "signIn.email", isRequired: true, autocomplete: "username"),
      FormField(
        name: "owner/password", kind: .newPassword, word: "signUp.password", isRequired: true,
        autocomplete: "new-password"),
    ], shape: Tenant.Draft.shape, submit: "signUp.submit")
}

extension Visit {
  /// With the way to sign up only where anybody may.
  fileprivate func signInPage(
    _ form: [String: any Sendable], isOver: Bool = false, status: Int = 200
  ) -> PageAnswer {
    .page(
      "sessions.sign-in", title: "signIn.title",
      ["form": form, "isOver": isOver, "isSignUpOpen": console.isSignUpOpen], status: status)
  }
}

extension ConsoleWeb {
  /// A path of ours that somebody else named, or else the first page: no other site's, however it is written.
  static func ownPath(_ path: String?) -> String {
    guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"),
      path.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
    else { return "/" }
    return path
  }
}
