import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  /// Keys made of values that callers use already: one, and many at once.
  static let keyImportPages: [PageRoute] = [
    .get("/subscription-keys/import", requires: .manageKeys) { visit in
      return importPage(importForm.page(words: visit.words))
    },
    .post("/subscription-keys/import", requires: .manageKeys) { visit in
      try await visit.visit.submitting(importForm) { form, status in
        importPage(form, status: status)
      } perform: { draft in
        let issued = try await visit.console.createSubscriptionKey(draft, as: visit.principal)
        return .redirect(to: "/subscription-keys/\(issued.key.id)", saying: "keyImported")
      }
    },
    .get("/subscription-keys/import-many", requires: .manageKeys) { _ in .redirect(to: "/subscription-keys/import") },
    .post("/subscription-keys/import-many", requires: .manageKeys) { visit in
      let table = ImportTable(visit.visit.form["rows"] ?? "")
      if visit.visit.isSwitchingLanguage {
        return importPage(importForm.page(words: visit.words, takesFocus: false), rows: visit.visit.form["rows"])
      }
      do {
        let given = try SubscriptionKeyImport.shape.value(of: table.json, now: visit.visit.now)
        let outcome = try await visit.console.importSubscriptionKeys(given.items, as: visit.principal)
        return .page("subscription-keys.imported", title: "import.title", visit.page(outcome, of: table))
      } catch {
        guard let refusal = Refusal(error, path: visit.visit.path), refusal.code != .unavailable else { throw error }
        let complaint =
          refusal.code == .invalidInput
          ? visit.words["import.count"] : visit.words["problem." + refusal.code.rawValue]
        return importPage(
          importForm.page(words: visit.words, takesFocus: false), rows: visit.visit.form["rows"], complaint: complaint,
          status: refusal.code.status)
      }
    },
  ]

  private static func importPage(
    _ form: [String: any Sendable], rows: String? = nil, complaint: String? = nil, status: Int = 200
  ) -> PageAnswer {
    var page: [String: any Sendable] = ["form": form, "rows": rows ?? ""]
    page["rowsComplaint"] = complaint
    return .page("subscription-keys.import", title: "import.title", page, status: status)
  }

  private static let importForm = Form(
    fields: [
      FormField(name: "name", kind: .text, word: "key.name", isRequired: true, maximumLength: 100),
      FormField(
        name: "value", kind: .text, word: "import.value", isRequired: true, maximumLength: 128, autocomplete: "off"),
      FormField(name: "description", kind: .area, word: "key.description"),
      FormField(name: "expiresAt", kind: .time, word: "key.expiresAt"),
    ], shape: SubscriptionKey.Draft.shape, submit: "import.submit")
}

extension SignedInVisit {
  /// What came of it, and the rows that may be mended and sent again.
  fileprivate func page(
    _ outcome: SubscriptionKey.ImportOutcome, of table: ImportTable
  ) -> [String: any Sendable] {
    let created = outcome.created.prefix(Self.shownRows).map { made -> [String: any Sendable] in
      ["name": table.rows[made.place].name, "keyId": made.id.description]
    }
    let refused = outcome.refused.prefix(Self.shownRows).map { refused -> [String: any Sendable] in
      let row = table.rows[refused.place]
      return [
        "line": row.line, "name": row.name, "reason": words["import.reason." + refused.reason.rawValue],
        "errors": refused.errors.map(complaint),
      ]
    }
    return [
      "created": created, "refused": refused, "hasCreated": !created.isEmpty, "hasRefused": !refused.isEmpty,
      "createdCount": outcome.created.count, "refusedCount": outcome.refused.count,
      "hasMoreCreated": outcome.created.count > created.count, "hasMoreRefused": outcome.refused.count > refused.count,
      "rows": outcome.refused.map { table.rows[$0.place].text }.joined(separator: "\n"),
    ]
  }

  private static var shownRows: Int { 50 }

  /// What is wrong with a row, by the name of its column.
  private func complaint(_ complaint: InvalidInput.Complaint) -> String {
    let column = complaint.pointer.split(separator: "/").last.map(String.init) ?? ""
    let said = words.complaint(complaint.detail)
    return words.texts["import.column." + column].map { words.labelled($0, said) } ?? said
  }
}
