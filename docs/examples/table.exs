# The table of a league at a season's end, from the warehouse, in Elixir:
#
#     PGHOST=127.0.0.1 PGPORT=5432 PGDATABASE=sports PGUSER=reads PGPASSWORD=… elixir table.exs en.1 2013-14
#
# Needs erlang-p1-pgsql (a package of Debian; in a Mix project take Postgrex from Hex, the queries are the same).
defmodule Table do
  @places """
  SELECT s.position_official, t.name, s.points_official
  FROM SCHEMA.football_standing s JOIN SCHEMA.core_team t ON t.team_id = s.team_id
  WHERE s.competition = $1 AND s.season = $2 AND s.is_final
  ORDER BY s.position_official, t.name
  """

  def main([competition, season]) do
    db = connect()
    # Two queries see one release if they name its schema: the views may show another one by then.
    [[number]] = rows(db, "SELECT number FROM fieldhouse.current_release", [])
    table = rows(db, String.replace(@places, "SCHEMA", "r#{number}"), [competition, season])
    IO.puts("#{competition} #{season}, release #{number}")
    for [place, team, points] <- table, do: IO.puts("#{place}\t#{team}\t#{points}")
    if table == [], do: fail("no table of #{competition} in #{season}")
  end

  def main(_), do: fail("usage: elixir table.exs COMPETITION SEASON")

  defp connect do
    given = for name <- ~w(PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD), do: System.get_env(name) || fail("set #{name}")
    [host, port, database, user, password] = Enum.map(given, &String.to_charlist/1)
    {:ok, _} = Application.ensure_all_started(:xmpp) # has the words of SCRAM, by which passwords are shown
    options = [host: host, port: List.to_integer(port), database: database, user: user, password: password]

    case :pgsql.connect([{:as_binary, true} | options]) do
      {:ok, db} -> db
      {:error, why} -> fail("the database does not let us in: #{inspect(why)}")
    end
  end

  defp rows(db, sql, parameters) do
    case :pgsql.pquery(db, sql, parameters) do
      {:ok, _command, _status, _columns, rows} -> for row <- rows, do: Enum.map(row, &value/1)
      other -> fail("the query did not work: #{inspect(other)}")
    end
  end

  defp value({_type, value}), do: value
  defp value(value), do: value

  defp fail(why) do
    IO.puts(:stderr, why)
    System.halt(1)
  end
end

Table.main(System.argv())
