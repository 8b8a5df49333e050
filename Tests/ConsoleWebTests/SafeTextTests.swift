import ConsoleAPI
import Contract
import Foundation
import Model
import Testing

@testable import ConsoleWeb

/// Texts that would do harm where they are put as they are.
struct SafeTextTests {
  @Test(arguments: [
    ("Acme", "Acme"), ("密钥", "密钥"), ("Acme\u{202E}", "\u{2068}Acme\u{202E}\u{2069}"),
    ("\u{05D0}", "\u{2068}\u{05D0}\u{2069}"),
    // What would end the isolation is left out, and what was begun is ended.
    ("a\u{2069}\u{202E}b", "\u{2068}a\u{202E}b\u{2069}"), ("a\u{2067}b", "\u{2068}a\u{2067}b\u{2069}\u{2069}"),
    ("\u{2067}a\u{2069}", "\u{2068}\u{2067}a\u{2069}\u{2069}"),
  ])
  func isolatesWhatTurnsTheDirection(text: String, isolated: String) {
    #expect(text.isolated == isolated)
    let words = Words(parsing: "said = It is {name}.")
    #expect(words["said", ["name": text]] == "It is \(isolated).")
  }

  @Test func leavesSecretsOutOfAddresses() {
    let (secret, token) = (SecretValue.random().revealed, Credential<AccessToken>.random().revealed)
    let form = TypedForm(["q": "a \(secret) b", "state": "active", "host": token, token: "x", "short": "lk_short"])
    #expect(Set(form.secretFields) == ["q", "host", token])
    #expect(form.query(["q", "state", "host", token]) == "?state=active")
    #expect(TypedForm(["q": secret]).query(["q"]) == "")
    #expect("ses_\(secret.dropFirst(3))".holdsSecret && "inv_\(secret.dropFirst(3))".holdsSecret)
    #expect(!"lk_00000".holdsSecret && !"sub_0h6gtjc26bk03pccwc3sr33y9f".holdsSecret)
  }

  @Test func keepsNoSecretOfAnAuthorization() {
    let secret = SecretValue.random().revealed
    let entry = AuthorizationEntry(TypedForm(["subscriptionId": secret, "description": "kept", "step": "search"]))
    #expect(entry.secretFields == ["subscriptionId"] && entry.subscriptionText == "")
    #expect(entry.address("/authorizations/new") == "/authorizations/new?whose=other&description=kept")
  }

  @Test(arguments: [
    (0, 1, 1), (3, 1, 4), (4, 2, 1), (7, 3, 1), (9, 3, 2),
  ])
  func tellsAPlaceAsEditorsDo(offset: Int, line: Int, column: Int) {
    let place = TextPlace(of: offset, in: Array("abc\nde\né!".utf8))
    #expect((place.line, place.column) == (line, column))
  }

  @Test(arguments: [
    #"{"a": }"#, #"{"a" 1}"#, #"{"a": 1"#, "{\"a\": \"\n\"}", #"{"a": "\x"}"#, #"{"a": 01}"#, #"{"a": 1} x"#, "{",
    "a: b: c", "a: [", "a: 1\na: 2", "openapi: *nobody", "\ta: 1", "a: \"", "- a\nb: 1", "a: %", "@a", "--- 1\n--- 2\n",
    "a: {b: 1", "? [", "!<a", "%YAML 9.9\n--- a",
  ])
  func tellsInChineseWhyADocumentIsNotRead(text: String) throws {
    let bytes = Array(text.utf8)
    let thrown = #expect(throws: BodyError.self) { try DocumentFormat(guessing: bytes).read(bytes) }
    let error = try #require(thrown)
    let said = try #require(Words.of(.simplifiedChinese).complaint(error, of: bytes))
    let latin = said.replacing("JSON", with: "").replacing("YAML", with: "").replacing("nobody", with: "")
    #expect(!latin.contains(#/[A-Za-z]/#) && said.contains(#/第 [0-9]+ 行|无法读取|一个文档/#), "\(said)")
    #expect(!said.contains("无法读取"), "\(text): \(said)")
  }
}
