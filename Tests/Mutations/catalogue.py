"""The mutants of policies, of tables' row-level security, of functions and of views, from a migrated database."""

import os
import re
import subprocess

from mutant import Mutant

# A condition on a tenant, as the server writes functions and views.
TENANT = r"(?:\w+\.)*(?:subscriber_)?tenant_id"
CONDITION = re.compile(
    rf"(?<!SET )\b{TENANT} (?:=|<>) (?:\([\w.]+ ->> 'tenant_id'(?:::text)?\)|[\w.]+(?:\(\))?|\$\d+)"
    r"|\b(?:\w+\.)*id = (?:\w+\.)*(?:\w*_)?tenant_id\b"
    r"|\b(?:\w+\.)*id = (?:\w+\.)*current_tenant\(\)")
LEFT = re.compile(rf"\b{TENANT}\)? *(?:=|<>|IN\b|IS\b)|(?:<>|[^:]=) *(?:{TENANT}\b|(?:\w+\.)*current_tenant\(\))")
ASSIGNED = re.compile(r"SET tenant_id = excluded\.tenant_id")
# Of a row that was looked for or joined to the left: whether it was found.
FOUND = re.compile(r"\b(?:counter|s)\.tenant_id IS (?:NOT )?NULL")


def migrate(server, root):
    server.run("psql", "-Xq", server.url(), "-c", "CREATE DATABASE catalogue TEMPLATE template0")
    server.run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", server.url("catalogue"), "-f", "-",
               script=(root / "sql/setup.sql").read_text())
    environment = os.environ | {"LATCHKEY_DATABASE_URL": server.url("catalogue", "latchkey_owner")}
    subprocess.run([root / ".build/debug/latchkey", "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    # What the tests' databases are made of: none of them has to be migrated again.
    server.run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", server.url(), "-f", "-", script="""
        ALTER DATABASE template0 IS_TEMPLATE false;
        DROP DATABASE template0;
        CREATE DATABASE template0 TEMPLATE catalogue IS_TEMPLATE true;
        """)


def mutants(server):
    yield from policies(server)
    yield from tables(server)
    yield from definitions(server)


def policies(server):
    for policy, table, condition, check in server.rows(
        "catalogue",
        "SELECT policyname, tablename, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies"
        " WHERE schemaname = 'public' ORDER BY 2, 1"):
        yield Mutant(f"policy {policy} on {table}, dropped", f"DROP POLICY {policy} ON {table}")
        for clause, text in (("USING", condition), ("WITH CHECK", check)):
            if text not in ("", "true"):
                yield Mutant(f"policy {policy} on {table}, {clause} (true)",
                             f"ALTER POLICY {policy} ON {table} {clause} (true)")


def tables(server):
    for (table,) in server.rows(
        "catalogue", "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
        " ORDER BY 1"):
        yield Mutant(f"table {table}, row-level security disabled", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        yield Mutant(f"table {table}, row-level security not forced",
                     f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def definitions(server):
    for name, text in server.rows(
        "catalogue",
        "SELECT 'function ' || proname, pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
        " UNION ALL SELECT 'view ' || relname, format('CREATE OR REPLACE VIEW %I WITH (%s) AS %s', relname,"
        " array_to_string(reloptions, ', '), pg_get_viewdef(oid)) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' ORDER BY 1"):
        rest = list(text)
        for number, match in enumerate(CONDITION.finditer(text), 1):
            rest[match.start():match.end()] = " " * len(match[0])
            yield Mutant(f"{name} without {match[0]} ({number})", f"{text[:match.start()]}true{text[match.end():]}")
        left = LEFT.search(FOUND.sub("", ASSIGNED.sub("", "".join(rest))))
        if left:
            raise SystemExit(f"{name} compares a tenant in a way that is not understood: {left[0]}")
