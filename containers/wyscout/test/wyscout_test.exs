defmodule WyscoutTest do
  # One test at a time: what is captured is the log of the whole VM.
  use ExUnit.Case, async: false

  import ExUnit.CaptureIO
  alias Extractor.Test.{RequestFile, Upstream}

  @moduletag :tmp_dir
  @feeds %{
    index: %{format: "text", base: "main", key: "README.md"},
    matches: %{format: "json", base: "main", key: "raw/matches.zip", expect: "zip"},
    events: %{
      format: "json",
      base: "main",
      key: "files/{match}.json",
      listed: %{feed: "index", pattern: "\\(files/([0-9]+)\\.json\\)"},
      optional: "mirror"
    }
  }
  @index "|[11](files/11.json)|A - B|\n|[12](files/12.json)|B - A|\n|[13](files/13.json)|A - C|\n"

  # What an upstream has that answers conditional requests by the hash of the bytes.
  defp served(files) do
    for {path, body} <- files, into: %{} do
      tag = ~s("#{:erlang.phash2(body)}")

      answer = fn headers ->
        if headers["if-none-match"] == tag,
          do: Upstream.answer(304, "", %{"ETag" => tag}),
          else: Upstream.answer(200, body, %{"ETag" => tag})
      end

      {"/leagues/data/" <> path, answer}
    end
  end

  defp files(changes \\ %{}) do
    events = for match <- 11..12, into: %{}, do: {"files/#{match}.json", ~s({"events": [#{match}]})}
    Map.merge(Map.merge(events, %{"README.md" => @index, "raw/matches.zip" => "PK\x03\x04zip"}), changes)
  end

  defp extract(dir, answers, changes \\ %{}) do
    out = Path.join(dir, "out")
    File.mkdir_p!(out)
    path = RequestFile.write(dir, Map.merge(%{mirror: Upstream.start(answers)}, changes))
    # Feeds are those of this source alone.
    request = path |> File.read!() |> JSON.decode!() |> Map.put("feeds", changes[:only] || @feeds)
    File.write!(path, JSON.encode!(request))
    {code, log} = with_io(:stderr, fn -> Extractor.CLI.main([path, out], Wyscout.Plan) end)
    seal = with {:ok, text} <- File.read(Path.join(out, "manifest.json")), do: JSON.decode!(text)
    lines = log |> String.split("\n", trim: true) |> Enum.map(&JSON.decode!/1)
    %{code: code, seal: if(is_map(seal), do: seal), log: lines, out: out}
  end

  defp again(dir, run), do: %{known: RequestFile.known(dir, run.seal["files"]), state: run.seal["state"]}
  defp statuses(run), do: for(file <- run.seal["files"], into: %{}, do: {file["key"], file["status"]})

  defp asked(found \\ []) do
    receive do
      {:asked, path, headers} -> asked([{path, headers} | found])
    after
      0 -> found
    end
  end

  test "the archive comes whole, and a file of events for each match of the index", %{tmp_dir: dir} do
    run = extract(dir, served(files()))
    assert run.code == 0, inspect(run.log)
    new = ~w(README.md files/11.json files/12.json raw/matches.zip)
    assert statuses(run) == Map.new(new, &{&1, "new"})
    assert File.read!(Path.join(run.out, "files/matches/raw/matches.zip")) == "PK\x03\x04zip"
    assert File.read!(Path.join(run.out, "files/events/files/12.json")) == ~s({"events": [12]})
    # The third match is only lacking because this is a mirror.
    assert Enum.any?(run.log, &(&1["msg"] =~ "lacks 1 keys"))
  end

  test "a second run asks under conditions only, and has nothing new", %{tmp_dir: dir} do
    first = extract(Path.join(dir, "1"), served(files(%{"files/13.json" => "{}"})))
    asked()
    second = extract(Path.join(dir, "2"), served(files(%{"files/13.json" => "{}"})), again(dir, first))
    assert second.code == 0, inspect(second.log)
    assert second |> statuses() |> Map.values() |> Enum.uniq() == ["unchanged"]
    requests = asked()
    assert length(requests) == 5
    assert Enum.all?(requests, fn {_, headers} -> is_map_key(headers, "if-none-match") end)
    assert second.seal["state"] == first.seal["state"]
  end

  test "a match that the index lists later is fetched then", %{tmp_dir: dir} do
    short = files(%{"README.md" => "|[11](files/11.json)|\n"})
    first = extract(Path.join(dir, "1"), served(short))
    second = extract(Path.join(dir, "2"), served(files()), again(dir, first))
    assert %{"files/11.json" => "unchanged", "files/12.json" => "new", "README.md" => "new"} = statuses(second)
  end

  test "without a state the index comes whole, although the lake has it", %{tmp_dir: dir} do
    first = extract(Path.join(dir, "1"), served(files()))
    second = extract(Path.join(dir, "2"), served(files()), %{again(dir, first) | state: nil})
    assert second.code == 0, inspect(second.log)
    assert second |> statuses() |> Map.values() |> Enum.uniq() == ["unchanged"]
    assert second.seal["state"] == first.seal["state"]
  end

  test "what fails for now leaves the rest sealed", %{tmp_dir: dir} do
    run = extract(dir, Map.put(served(files()), "/leagues/data/files/12.json", Upstream.answer(503)))
    assert {run.code, run.seal["state"]} == {75, nil}
    assert run |> statuses() |> Map.keys() |> Enum.sort() == ~w(README.md files/11.json raw/matches.zip)
    assert List.last(run.log)["key"] == "files/12.json"
  end

  test "an index that lists nothing is no index", %{tmp_dir: dir} do
    run = extract(dir, served(files(%{"README.md" => "# Moved elsewhere\n"})))
    assert {run.code, run.seal} == {65, nil}
  end

  test "an error page for an archive is no archive", %{tmp_dir: dir} do
    assert extract(dir, served(files(%{"raw/matches.zip" => "<html>"}))).code == 65
  end

  test "what is listed by a feed that is not wanted, or by a wrong pattern, is a configuration failure", %{tmp_dir: dir} do
    events = @feeds.events
    assert extract(dir, served(files()), %{only: %{events: events}}).code == 78
    broken = %{events | listed: %{feed: "index", pattern: "("}}
    assert extract(dir, served(files()), %{only: %{index: @feeds.index, events: broken}}).code == 78
  end

  test "a list that is too long for a state is not remembered", %{tmp_dir: dir} do
    many = Enum.map_join(10_000..30_000, "\n", &"|[#{&1}](files/#{&1}.json)|")
    request = RequestFile.write(dir, %{mirror: "http://127.0.0.1:1"}) |> Extractor.Request.read!()

    feeds = %{
      "index" => %{"format" => "text", "key" => "README.md"},
      "events" => JSON.decode!(JSON.encode!(@feeds.events))
    }

    request = %{request | feeds: feeds}
    assert {wanted, nil} = Wyscout.Plan.more!(request, %{{"index", "README.md"} => many})
    assert length(wanted) == 20_001
  end

  test "a feed may say the values of its keys itself", %{tmp_dir: dir} do
    old = %{format: "json", base: "main", key: "old/{match}.json", optional: true, values: %{match: [7, 8, 9]}}
    files = served(%{"old/7.json" => "{}", "old/9.json" => "{}"})
    run = extract(Path.join(dir, "1"), files, %{only: %{old: old}})
    assert {run.code, run |> statuses() |> Map.keys()} == {0, ["old/7.json", "old/9.json"]}

    for wrong <- [[7], %{match: 7}, %{match: [7], season: [1]}] do
      run = extract(Path.join(dir, "2"), files, %{only: %{old: %{old | values: wrong}}})
      assert run.code == 78
    end
  end
end
