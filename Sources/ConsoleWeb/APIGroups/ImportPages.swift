import Console
import ConsoleAPI
import Contract
import Foundation
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// Bringing a draft up to an OpenAPI document.
  static let importPages: [PageRoute] = [
    .get("/api-groups/{id}/import", requires: .manageGroups) { visit in
      return visit.importPage(of: try await visit.group(), ImportForm())
    },
    .upload("/api-groups/{id}/import", requires: .manageGroups) { visit in
      var form = ImportForm()
      form.complaints = [visit.words["document.tooLarge"]]
      return visit.importPage(of: try await visit.group(), form, status: 413)
    } _: { visit in
      let group = try await visit.group()
      var form = ImportForm(visit.visit.form)
      if visit.visit.isSwitchingLanguage { return visit.importPage(of: group, form) }
      do {
        let document = try form.document(now: visit.visit.now)
        _ = try await visit.console.importAPIs(document, into: group.id, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/import/report", saying: "document.imported")
      } catch {
        guard let refusal = Refusal(error, path: visit.visit.path), refusal.code != .notFound else { throw error }
        form.complaints = visit.words.complaints(refusal, of: form.given, error as? BodyError)
        return visit.importPage(of: group, form, status: refusal.code.status).retrying(after: refusal)
      }
    },
    .get("/api-groups/{id}/import/report") { visit in
      let group = try await visit.group()
      let report = try await visit.console.importReport(of: group.id, as: visit.principal)
      let page = report.map { ImportReportPage($0, visit.words, at: visit.visit.path).page(visit.visit.query) }
      return .page(
        "api-groups.imported", title: "document.done",
        visit.page(of: group, tab: "/apis", page ?? ["hasReport": false]))
    },
  ]
}

/// A document that comes as a file or as pasted text.
struct ImportForm {
  private(set) var text = ""
  private var bytes: [UInt8]?
  var complaints: [String] = []

  static let maximumLength = 4 << 20

  init() {}

  init(_ typed: TypedForm) {
    text = typed["document"] ?? ""
    bytes = typed.files["file"]
  }

  /// What was given, as a file or as text.
  var given: [UInt8] {
    let given = bytes ?? Array(text.utf8)
    return given.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(given.dropFirst(3)) : given
  }

  /// The one of the two that was given. Which notation it is in its first sign tells.
  ///
  /// - Throws: `InvalidInput` and what JSON and YAML are refused for.
  func document(now: Date) throws -> APIImport {
    guard bytes == nil || text.allSatisfy(\.isWhitespace) else {
      throw InvalidInput("", "give a file or a text, not both")
    }
    let given = given
    guard given.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
      throw InvalidInput("", "choose a file or paste the document")
    }
    guard given.count <= Self.maximumLength else { throw InvalidInput("", "must be at most 4 MiB") }
    return try Shape<APIImport>.openAPIDocument.value(of: DocumentFormat(guessing: given).read(given), now: now)
  }
}

extension SignedInVisit {
  fileprivate func importPage(of group: APIGroup, _ form: ImportForm, status: Int = 200) -> PageAnswer {
    let more: [String: any Sendable] = [
      "text": form.text, "complaints": form.complaints, "isWrong": !form.complaints.isEmpty,
      "isText": !form.text.isEmpty, Layout.keepsTyped: true,
    ]
    return .page("api-groups.import", title: "document.title", page(of: group, tab: "/apis", more), status: status)
  }
}
