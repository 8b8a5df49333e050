/// Where the private server keeps its data and how long it may take; every default suits `latchkey serve`.
package struct Configuration: Sendable {
  /// The installation's data directory, as the operator wrote it; made if it is missing.
  package var dataDirectory: String
  /// Holds the cluster where the server's user cannot enter `dataDirectory`, one directory for each data directory.
  package var systemDirectory = "/var/lib/latchkey"
  /// Where the socket's private directory is made. Short, because a socket's path may have 107 bytes (unix(7)).
  package var socketParent = "/tmp"
  /// The system user that runs the server when this process is root.
  package var serverUser = "postgres"
  /// Where `initdb` and `postgres` are looked for.
  package var search = InstallationSearch()

  package var maxConnections = 64
  package var sharedBuffers = "128MB"

  /// How long a start may take, recovery from a crash included.
  package var startTimeout = Duration.seconds(120)
  /// How long the clients get when the server stops, before they are cut off (SIGINT, then SIGQUIT).
  package var fastStopTimeout = Duration.seconds(15)
  /// How long the server gets to cut them off before it is killed.
  package var immediateStopTimeout = Duration.seconds(5)
  package var backoff = RestartBackoff()

  package init(dataDirectory: String) {
    self.dataDirectory = dataDirectory
  }
}
