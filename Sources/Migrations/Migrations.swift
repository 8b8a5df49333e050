/// The files of `sql/`, as they were when this binary was built.
package enum Migrations {
  /// One numbered, forward-only step of the schema.
  package struct Step: Sendable {
    /// The digits that the file's name begins with.
    package let number: Int
    /// The file's name.
    package let name: String
    package let sql: String
  }

  /// What a cluster and a database need first, run by a superuser (or one who may create roles), safe to run again.
  package static let setup = EmbeddedFiles.all.first { $0.name == "setup.sql" }!.text

  /// In the order of their numbers; the names sort so.
  package static let steps: [Step] = EmbeddedFiles.all.compactMap { file in
    Int(file.name.prefix { $0.isNumber }).map { Step(number: $0, name: file.name, sql: file.text) }
  }
}
