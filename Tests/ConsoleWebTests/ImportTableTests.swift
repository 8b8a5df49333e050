import Contract
import Testing

@testable import ConsoleWeb

/// Lines of keys that are to be imported, as a spreadsheet gives them.
struct ImportTableTests {
  @Test(arguments: [
    ("Partner A, 8f2c6c1e-7d0b-4a58-9f39", ["Partner A", "8f2c6c1e-7d0b-4a58-9f39"]),
    ("\"A, and B\",value,\"said \"\"so\"\"\",2030-01-31", ["A, and B", "value", "said \"so\"", "2030-01-31"]),
    ("A, B\tvalue\tx", ["A, B", "value", "x"]), ("a,b,", ["a", "b", ""]), ("5\" tube,v", ["5\" tube", "v"]),
  ])
  func takesColumnsApart(line: String, columns: [String]) {
    #expect(ImportTable(line).rows.map(\.columns) == [columns])
  }

  @Test func leavesOutEmptyLinesAndAHeadingAndCountsLinesAllTheSame() {
    let table = ImportTable("Name,Value\n\n A ,1\n  \nB,2\n")
    #expect(table.rows.map(\.name) == ["A", "B"])
    #expect(table.rows.map(\.line) == [3, 5])
    #expect(table.rows.map(\.text) == [" A ,1", "B,2"])
  }

  @Test func fillsTheRequest() {
    #expect(
      ImportTable("A,1,,2030-01-31\nB,2,Text,2030-01-31 12:30").json == [
        "items": [
          ["name": "A", "value": "1", "expiresAt": "2030-01-31T00:00:00Z"],
          ["name": "B", "value": "2", "description": "Text", "expiresAt": "2030-01-31T12:30:00Z"],
        ]
      ])
  }

  @Test func aTabInOneLinePartsNoOther() {
    let table = ImportTable("A,1\nB\t2\n\"C\td\",3")
    #expect(table.rows.map(\.columns) == [["A", "1"], ["B", "2"], ["C\td", "3"]])
  }

  @Test func losesNoColumnTooMany() {
    #expect(
      ImportTable("A,1,,,more").json == ["items": [["name": "A", "value": "1", "column 5": ""]]])
    #expect(ImportTable("A").json == ["items": [["name": "A"]]])
  }
}
