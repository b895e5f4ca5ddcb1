SELECT
  season,
  entrant,
  constructor AS constructor_id,
  driver AS driver_id,
  row_number() OVER (PARTITION BY season, entrant, constructor, driver ORDER BY _record, test_driver, rounds)::INTEGER AS entry,
  engine,
  test_driver,
  len(rounds)::INTEGER AS rounds,
  list_min(rounds)::INTEGER AS first_round,
  list_max(rounds)::INTEGER AS last_round,
  _record
FROM records
