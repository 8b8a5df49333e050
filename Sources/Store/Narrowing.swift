import Model
import Postgres

/// What a list was asked for, and nothing else: a prepared statement's plan holds for whatever its parameters are.
///
/// One that took all conditions, given or not, could use no index for any. One that took the limit would be planned for a
/// tenth of the rows. And `coalesce` around what a row is compared with is not leakproof: behind row-level security it
/// comes too late for an index.
struct Narrowing {
  /// What tells the statement's text from the others of the list; its variant.
  private(set) var names: [StaticString] = []
  /// The conditions, each with its `AND`.
  private(set) var conditions: SQL = ""

  /// - Parameter condition: begins with `AND`; nil if it was not given.
  mutating func add(_ name: StaticString, _ condition: SQL?) {
    guard let condition else { return }
    names.append(name)
    conditions = "\(conditions) \(condition)"
  }

  /// How many rows to read, as a number in the text: enough for a page of the usual length, or of any.
  ///
  /// - Parameter limit: at most 201, one more than the longest page has.
  mutating func rows(_ limit: Int) -> SQL {
    guard limit > 51 else { return "51" }
    precondition(limit <= 201)
    names.append("long")
    return "201"
  }
}

extension SearchText {
  /// That one of these columns contains the text, upper and lower case being the same. No character of the text is a
  /// control character, as those are that lie between the columns. It is put into lower case once, as a query of its own.
  func isFound(in columns: SQL) -> SQL {
    """
    AND strpos(
      lower(concat_ws(E'\\n', \(columns)) COLLATE "und-x-icu") COLLATE "C",
      (SELECT lower(\(self)::text COLLATE "und-x-icu") COLLATE "C")) > 0
    """
  }
}
