import Foundation
import PackagePlugin

/// Makes files part of the target that uses this plugin, as `EmbeddedFiles`: those in its folder `Resources`, by their
/// paths there, or, where it has none, the `.sql` files at the top of the package.
@main
struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let resources = target.directoryURL.appending(path: "Resources")
    let ownsFiles = FileManager.default.fileExists(atPath: resources.path())
    let folder = ownsFiles ? resources : context.package.directoryURL.appending(path: "sql")
    let files = try Self.files(below: folder).filter { ownsFiles || $0.pathExtension == "sql" }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embed \(folder.lastPathComponent)",
        executable: try context.tool(named: "embed-files").url,
        arguments: [output.path(), folder.path()] + files.map { $0.path() },
        inputFiles: files,
        outputFiles: [output])
    ]
  }

  /// In the order of their paths.
  private static func files(below folder: URL) throws -> [URL] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).sorted()
    return names.map { folder.appending(path: $0) }.filter { !$0.hasDirectoryPath && !$0.pathExtension.isEmpty }
  }
}
