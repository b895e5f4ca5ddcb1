-- A part of a date that upstream does not know is 0 or missing; what no calendar has is no part of a date.
CREATE OR REPLACE MACRO month_of(value) AS CASE WHEN value BETWEEN 1 AND 12 THEN value::SMALLINT END;
CREATE OR REPLACE MACRO day_of(value) AS CASE WHEN value BETWEEN 1 AND 31 THEN value::SMALLINT END;
CREATE OR REPLACE MACRO no_calendar_has(field, value, most) AS
  CASE WHEN NOT value BETWEEN 0 AND most THEN {
    'rule': 'no such ' || split_part(field, '_', 2),
    'field': field,
    'was': value::VARCHAR,
    'becomes': NULL::VARCHAR,
    'reason': 'No calendar has it; what was meant is not known.'
  } END;
