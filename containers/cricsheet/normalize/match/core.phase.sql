SELECT
  season_key || '|' || phase AS phase_id,
  season_key AS season_id,
  phase AS name,
  phase_kind AS kind,
  NULL::INTEGER AS ordinal,
  min(_record) AS _record
FROM records
WHERE phase IS NOT NULL
GROUP BY season_key, phase, phase_kind
