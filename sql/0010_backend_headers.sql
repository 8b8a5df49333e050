-- A backend's own headers: their names, and all of them sealed under a key that the database does not know.
ALTER TABLE deployments
  ADD COLUMN backend_header_names text[] NOT NULL DEFAULT '{}',
  ADD COLUMN backend_headers_sealed bytea,
  ADD CONSTRAINT deployments_backend_headers_valid CHECK (
    (backend_headers_sealed IS NULL) = (backend_header_names = '{}')
    AND (backend_headers_sealed IS NULL OR backend_url IS NOT NULL));
GRANT SELECT (backend_headers_sealed) ON deployments TO latchkey_gateway;
