-- What the last import into a group's draft did, so that all of it can be read however much it was.
CREATE TABLE import_reports (
  tenant_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now(),
  unchanged integer NOT NULL,
  created_calls text[] NOT NULL,
  created_names text[] NOT NULL,
  changed_calls text[] NOT NULL,
  changed_names text[] NOT NULL,
  skipped_operations text[] NOT NULL,
  skipped_reasons text[] NOT NULL,
  CONSTRAINT import_reports_pkey PRIMARY KEY (tenant_id, group_id),
  CONSTRAINT import_reports_group FOREIGN KEY (tenant_id, group_id) REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE
);
CALL isolate('import_reports');
GRANT SELECT, INSERT, UPDATE (
  imported_at, unchanged, created_calls, created_names, changed_calls, changed_names, skipped_operations, skipped_reasons)
  ON import_reports TO latchkey_console;
