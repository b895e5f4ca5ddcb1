"""The SQL that an administrator runs once in a database: the two roles, and what each may do there."""

from fieldhouse.stages.warehouse.session import LOADER, READER

#: For psql. Running it again changes nothing.
SQL = f"""\
-- Once in each database of the warehouse, by a role that may create roles.
DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
    CREATE ROLE {READER} NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{LOADER}') THEN
    CREATE ROLE {LOADER} NOLOGIN;
  END IF;
  -- The loader makes the schemas r<number>, one a domain, and fieldhouse; it owns them and all that is in them.
  EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO {LOADER}', current_database());
  -- Readers connect; what they may read, the loader grants with each release.
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {READER}', current_database());
END
$roles$;
COMMENT ON ROLE {READER} IS 'Fieldhouse: selects from the public views and from the schemas r<number>';
COMMENT ON ROLE {LOADER} IS 'Fieldhouse: owns and loads the warehouse';
-- Then somebody who logs in, for each:
--   CREATE ROLE sports_loader LOGIN PASSWORD '...' IN ROLE {LOADER};
--   CREATE ROLE ann LOGIN PASSWORD '...' IN ROLE {READER};
"""
