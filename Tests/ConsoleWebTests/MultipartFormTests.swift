import Model
import Testing

@testable import ConsoleWeb

/// Forms that files come with.
struct MultipartFormTests {
  private static func body(_ lines: String...) -> [UInt8] { Array(lines.joined(separator: "\r\n").utf8) }

  private static func form(_ lines: String...) throws -> TypedForm {
    try TypedForm(MultipartForm(Array(lines.joined(separator: "\r\n").utf8), boundary: "b"))
  }

  @Test func readsTextsAndFiles() throws {
    let form = try Self.form(
      "--b", "Content-Disposition: form-data; name=\"formToken\"", "", "abc",
      "--b", "Content-Disposition: form-data; name=\"document\"", "", "a", "b: \u{5BC6}", "",
      "--b", "Content-Disposition: form-data; name=\"file\"; filename=\"pets \u{301}\u{5BC6}%22.yaml\"",
      "Content-Type: application/yaml", "", "a: 1\r\n\r\n--c\r\n--", "--b--", "")
    #expect(form["formToken"] == "abc")
    #expect(form["document"] == "a\nb: \u{5BC6}\n")
    #expect(form.files["file"] == Array("a: 1\r\n\r\n--c\r\n--".utf8))
    #expect(form["file"] == nil)
  }

  @Test func takesBytesAsTheyAre() throws {
    var bytes = Self.body("--b", "Content-Disposition: form-data; name=\"file\"; filename=\"x\"", "", "")
    bytes += [0x00, 0xFF, 0x0D, 0x0A, 0x2D, 0x2D] + Array("\r\n--b--\r\n".utf8)
    let form = try TypedForm(MultipartForm(bytes, boundary: "b"))
    #expect(form.files["file"] == [0x00, 0xFF, 0x0D, 0x0A, 0x2D, 0x2D])
  }

  @Test func noFileIsNone() throws {
    let form = try Self.form(
      "--b", "Content-Disposition: form-data; name=\"file\"; filename=\"\"",
      "Content-Type: application/octet-stream", "", "", "--b--")
    #expect(form.files.isEmpty)
  }

  @Test func aFileNameMayBeginWithWhatJoinsTheQuotationMark() throws {
    let bytes = Self.body(
      "--b", "content-disposition: form-data; name=\"file\"; filename=\"\u{301}.json\"", "", "{}", "--b--")
    let form = try MultipartForm(bytes, boundary: "b")
    #expect(form.parts.map(\.fileName) == ["\u{301}.json"])
  }

  @Test(arguments: [
    "", "--b", "--b--x", "x\r\n--b--", "--b\r\n", "--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n--b--",
    "--b\r\n\r\nx\r\n--b--", "--b\r\nContent-Type: a\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b",
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\nmore",
    "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\"; more=\"b\"\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nx\r\n--b--",
    "--b\r\nno field\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--",
    "--bb\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--bb--",
  ])
  func refusesWhatNoBrowserSends(text: String) {
    #expect(throws: InvalidInput.self) { try MultipartForm(Array(text.utf8), boundary: "b") }
  }

  @Test func isBounded() {
    let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
    let many = String(repeating: part, count: MultipartForm.maximumParts)
    #expect(throws: Never.self) { try MultipartForm(Array("\(many)--b--".utf8), boundary: "b") }
    #expect(throws: InvalidInput.self) { try MultipartForm(Array("\(many)\(part)--b--".utf8), boundary: "b") }
    let long = "--b\r\nX: \(String(repeating: "x", count: 3_000))\r\n" + part.dropFirst(5) + "--b--"
    #expect(throws: InvalidInput.self) { try MultipartForm(Array(long.utf8), boundary: "b") }
  }

  @Test func aTextIsUTF8() throws {
    let bytes = Self.body("--b", "Content-Disposition: form-data; name=\"a\"", "", "") + [0xFF] + Self.body("", "--b--")
    #expect(throws: InvalidInput.self) { try TypedForm(MultipartForm(bytes, boundary: "b")) }
  }

  @Test(arguments: [
    ("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk", "----WebKitFormBoundary7MA4YWxk"),
    ("Multipart/Form-Data;boundary=\"a b\"", nil), ("multipart/form-data; boundary=\"a-b\"", "a-b"),
    ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil), ("multipart/mixed; boundary=a", nil),
    ("multipart/form-data; boundary=a; charset=utf-8", nil), (nil, nil), ("multipart/form-data; charset=a", nil),
    ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), nil),
  ])
  func readsTheBoundary(contentType: String?, boundary: String?) {
    #expect(MultipartForm.boundary(of: contentType) == boundary)
  }
}
