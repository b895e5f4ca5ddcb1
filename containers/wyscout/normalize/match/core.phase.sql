SELECT
  season || '|' || phase AS phase_id,
  season AS season_id,
  phase AS name,
  min(phase_kind) AS kind,
  NULL::INTEGER AS ordinal,
  min(_record) AS _record
FROM records
GROUP BY season, phase
