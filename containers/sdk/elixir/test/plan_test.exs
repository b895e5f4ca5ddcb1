defmodule Extractor.PlanTest do
  use ExUnit.Case, async: true

  alias Extractor.{Failure, Plan, Request}
  alias Extractor.Test.RequestFile

  @moduletag :tmp_dir

  defp plan(folder, changes), do: folder |> RequestFile.write(changes) |> Request.read!() |> Plan.wanted!()
  defp feed(table), do: %{feeds: %{table: table}}

  test "a feed is its key below its base", %{tmp_dir: dir} do
    assert [
             %{
               key: "table.csv",
               url: "https://leagues.example/data/table.csv",
               expect: "csv",
               optional: false
             }
           ] = plan(dir, %{})
  end

  test "a mirror stands in for the base, by source and folder", %{tmp_dir: dir} do
    assert [%{url: "http://127.0.0.1:1/leagues/data/table.csv"}] = plan(dir, %{mirror: "http://127.0.0.1:1/"})
  end

  test "a key is encoded, a URL stands as it is", %{tmp_dir: dir} do
    assert [%{url: "https://leagues.example/data/a%20b/%C3%BC.csv"}] = plan(dir, feed(%{key: "a b/ü.csv"}))

    assert [%{url: "https://leagues.example/data/export?kind=table"}] =
             plan(dir, feed(%{url: "export?kind=table"}))
  end

  test "two braces are one", %{tmp_dir: dir} do
    assert [%{key: "{a}.csv"}] = plan(dir, feed(%{key: "{{a}}.csv"}))
  end

  test "values fill the places of a key, and of its URL as they have to stand there", %{tmp_dir: dir} do
    request = dir |> RequestFile.write() |> Request.read!()
    table = %{"format" => "csv", "key" => "{team}/{{x}}.csv", "url" => "export?team={team}"}

    assert %{key: "A & B/{x}.csv", url: "https://leagues.example/data/export?team=A%20%26%20B"} =
             Plan.one!(request, "table", table, %{"team" => "A & B"})
  end

  test "what only a mirror may lack is needed upstream", %{tmp_dir: dir} do
    assert [%{optional: false, lacking: false}] = plan(dir, feed(%{optional: "mirror"}))
    replay = Map.put(feed(%{optional: "mirror"}), :mirror, "http://127.0.0.1:1")
    assert [%{optional: true, lacking: true}] = plan(dir, replay)
  end

  for {name, table} <- [
        {"a brace that stands alone", %{key: "a}.csv"}},
        {"a place for values", %{key: "{season}.csv"}},
        {"a key that leads up", %{key: "../table.csv"}},
        {"an empty part", %{key: "a//b"}},
        {"a URL outside its base", %{url: "/etc/passwd"}},
        {"a URL of another host", %{url: "https://elsewhere.example/"}},
        {"a base that is not there", %{base: "other"}},
        {"an unknown format", %{format: "xlsx"}},
        {"optional that is no truth value", %{optional: "yes"}}
      ] do
    test "#{name} is a configuration failure", %{tmp_dir: dir} do
      failure = assert_raise Failure, fn -> plan(dir, feed(unquote(Macro.escape(table)))) end
      assert failure.kind == :configuration
    end
  end

  test "a base with a password is a configuration failure", %{tmp_dir: dir} do
    base = %{bases: %{main: %{url: "https://me:secret@leagues.example/"}}}
    failure = assert_raise Failure, fn -> plan(dir, base) end
    assert failure.kind == :configuration
    refute failure.message =~ "secret"
  end

  test "a protocol, a task, an interval or a file that is not known is a usage failure", %{tmp_dir: dir} do
    july = %{start: "2026-07-01T00:00:00Z", end: "2026-08-01T00:00:00Z"}

    for changes <- [%{protocol: 2}, %{task: "read"}, %{interval: july}] do
      assert %Failure{kind: :usage} = assert_raise(Failure, fn -> plan(dir, changes) end)
    end

    assert %Failure{kind: :usage} =
             assert_raise(Failure, fn -> Request.read!(Path.join(dir, "none.json")) end)
  end
end
