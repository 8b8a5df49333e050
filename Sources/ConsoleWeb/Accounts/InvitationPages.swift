import Console
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  static let invitationPages: [PageRoute] = [
    .open("/invitation") { visit in
      .page("accounts.accept", title: "invitation.title", ["form": acceptanceForm.page(words: visit.words)])
    },
    .openPost("/invitation") { visit in
      try await visit.submitting(acceptanceForm) { form, status in
        .page("accounts.accept", title: "invitation.title", ["form": form], status: status)
      } perform: { acceptance in
        .begin(try await visit.console.acceptInvitation(acceptance), at: "/?done=invitationAccepted")
      }
    },
  ]

  /// The token is typed, pasted, or comes behind the `#` of the link, which browsers send to nobody.
  private static let acceptanceForm = Form(
    fields: [
      FormField(
        name: "token", kind: .text, word: "invitation.token", isRequired: true, maximumLength: 100,
        autocomplete: "off"),
      FormField(
        name: "password", kind: .newPassword, word: "invitation.password", isRequired: true,
        autocomplete: "new-password"),
    ], shape: Invitation.Acceptance.shape, submit: "invitation.accept")
}
