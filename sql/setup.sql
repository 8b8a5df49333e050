-- What a cluster and a database need before the first migration. Run by a superuser, or by a role that may create
-- roles, and safe to run again and in several databases at once: logins belong to the cluster.
-- Passwords are set elsewhere (`latchkey migrate`), never in a file.

DO $$
DECLARE
  login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['latchkey_owner', 'latchkey_console', 'latchkey_gateway'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION', login);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database's set-up was faster
      END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = login AND (rolsuper OR rolbypassrls)) THEN
      RAISE EXCEPTION 'the login % must be neither a superuser nor exempt from row-level security', login;
    END IF;
  END LOOP;
END
$$;

DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO latchkey_owner, latchkey_console, latchkey_gateway', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO latchkey_owner;
GRANT USAGE ON SCHEMA public TO latchkey_console, latchkey_gateway;
