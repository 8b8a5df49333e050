/// What the server is told on its command line, which prevails over the cluster's own files.
struct ServerSettings: Sendable {
  let cluster: String
  let socketDirectory: String
  let maxConnections: Int
  let sharedBuffers: String

  /// The port is only part of the socket's name.
  static let port = 5432

  var arguments: [String] {
    ["-D", cluster] + settings.flatMap { ["-c", "\($0)=\($1)"] }
  }

  private var settings: KeyValuePairs<String, String> {
    [
      // First, so that a complaint about the others looks as all lines do. Above ERROR, that is of itself alone: never a statement, a bound
      // value or a row, which an error's text and detail quote.
      "log_destination": "stderr",
      "logging_collector": "off",
      "log_line_prefix": "",
      "log_min_messages": "log",
      "log_error_verbosity": "terse",
      "log_min_error_statement": "panic",
      "log_statement": "none",
      "log_duration": "off",
      "log_min_duration_statement": "-1",
      "log_min_duration_sample": "-1",
      "log_lock_waits": "off",
      "log_temp_files": "-1",
      "log_parameter_max_length": "0",
      "log_parameter_max_length_on_error": "0",
      "listen_addresses": "",
      "port": "\(Self.port)",
      "unix_socket_directories": socketDirectory,
      "unix_socket_permissions": "0600",
      "max_connections": "\(maxConnections)",
      "shared_buffers": sharedBuffers,
      "cluster_name": "latchkey",
      "timezone": "UTC",
    ]
  }
}
