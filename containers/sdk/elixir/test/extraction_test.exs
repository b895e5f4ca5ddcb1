defmodule Extractor.ExtractionTest do
  # One test at a time: what is captured is the log of the whole VM.
  use ExUnit.Case, async: false

  import ExUnit.CaptureIO
  alias Extractor.Test.{RequestFile, Upstream}

  @moduletag :tmp_dir
  @body "date,home,away\n" <> String.duplicate("2026-08-01,A,B\n", 20)

  # One run against an upstream: exit code, seal (nil without one), log lines and the output folder.
  defp extract(dir, answers, changes \\ %{}, plan \\ Extractor.Plan) do
    File.mkdir_p!(dir)
    url = Upstream.start(if is_map(answers), do: answers, else: List.wrap(answers))
    out = Path.join(dir, "out")
    File.mkdir_p!(out)
    request = RequestFile.write(dir, Map.merge(%{mirror: url}, changes))
    {code, log} = with_io(:stderr, fn -> Extractor.CLI.main([request, out], plan) end)
    seal = with {:ok, text} <- File.read(Path.join(out, "manifest.json")), do: JSON.decode!(text)

    %{
      code: code,
      seal: if(is_map(seal), do: seal),
      log: log |> String.split("\n", trim: true) |> Enum.map(&JSON.decode!/1),
      out: out
    }
  end

  defp file(out), do: File.read!(Path.join(out, "files/table/table.csv"))
  defp sha256(bytes), do: :sha256 |> :crypto.hash(bytes) |> Base.encode16(case: :lower)

  defp known(dir, body \\ @body) do
    entry = %{
      feed: "table",
      key: "table.csv",
      sha256: sha256(body),
      bytes: byte_size(body),
      etag: ~s("1"),
      last_modified: nil
    }

    %{known: RequestFile.known(dir, [entry])}
  end

  test "a good answer is sealed with what upstream said", %{tmp_dir: dir} do
    run =
      extract(
        dir,
        Upstream.answer(200, @body, %{"ETag" => ~s("1"), "Last-Modified" => "Sat, 01 Aug 2026 00:00:00 GMT"})
      )

    assert run.code == 0, inspect(run.log)

    assert %{"protocol" => 1, "source" => "leagues", "run" => "day-1", "attempt" => 2, "state" => nil} =
             run.seal

    assert [file] = run.seal["files"]
    assert %{"feed" => "table", "key" => "table.csv", "status" => "new", "etag" => ~s("1")} = file
    assert %{"bytes" => 315, "last_modified" => "Sat, 01 Aug 2026 00:00:00 GMT"} = file
    assert file["sha256"] == sha256(@body)
    assert file(run.out) == @body
    assert File.ls!(Path.join(run.out, "tmp")) == []
    assert_received {:asked, "/leagues/data/table.csv", %{"user-agent" => "fieldhouse-elixir/" <> agent}}
    assert agent =~ "(+data@leagues.example)"
  end

  test "what is known is asked for conditionally, and 304 is unchanged", %{tmp_dir: dir} do
    run = extract(dir, Upstream.answer(304), known(dir))
    assert run.code == 0, inspect(run.log)
    assert [%{"status" => "unchanged", "etag" => ~s("1"), "bytes" => 315}] = run.seal["files"]
    assert_received {:asked, _, %{"if-none-match" => ~s("1")}}
    refute File.exists?(Path.join(run.out, "files"))
  end

  test "equal bytes are unchanged, whatever the validators say", %{tmp_dir: dir} do
    run = extract(dir, Upstream.answer(200, @body, %{"ETag" => ~s("2")}), known(dir))
    assert [%{"status" => "unchanged", "etag" => ~s("2")}] = run.seal["files"]
    refute File.exists?(Path.join(run.out, "files"))
  end

  test "other bytes are new", %{tmp_dir: dir} do
    run = extract(dir, Upstream.answer(200, @body), known(dir, "a,b\n"))
    assert [%{"status" => "new"}] = run.seal["files"]
  end

  for {name, answer} <- [
        {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13b\r\n#{@body}\r\n0\r\n\r\n"},
        {"gzip", Upstream.answer(200, :zlib.gzip(@body), %{"Content-Encoding" => "gzip"})},
        {"two gzip members",
         Upstream.answer(
           200,
           :zlib.gzip("date,home") <> :zlib.gzip(String.replace_prefix(@body, "date,home", "")),
           %{"Content-Encoding" => "gzip"}
         )},
        {"until the end", "HTTP/1.1 200 OK\r\n\r\n" <> @body}
      ] do
    test "#{name}: transfer and content coding are undone", %{tmp_dir: dir} do
      run = extract(dir, unquote(answer))
      assert run.code == 0, inspect(run.log)
      assert file(run.out) == @body
    end
  end

  @cut %{"Content-Length" => 315}
  for {name, answer} <- [
        {"500", Upstream.answer(500)},
        {"408", Upstream.answer(408)},
        {"503, retry at once", Upstream.answer(503, "", %{"Retry-After" => 0})},
        {"429, retry at once", Upstream.answer(429, "", %{"Retry-After" => 0})},
        {"a short body", Upstream.answer(200, binary_part(@body, 0, 100), @cut)},
        {"a cut chunked body",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13b\r\n" <> binary_part(@body, 0, 100)},
        {"half a gzip stream",
         Upstream.answer(200, binary_part(:zlib.gzip(@body), 0, 30), %{"Content-Encoding" => "gzip"})},
        {"damaged gzip", Upstream.answer(200, "no gzip at all", %{"Content-Encoding" => "gzip"})},
        {"no HTTP", "220 mail.example ESMTP\r\n\r\n"},
        {"nothing", ""}
      ] do
    test "#{name} is tried five times, then temporary and not sealed", %{tmp_dir: dir} do
      run = extract(dir, unquote(answer))
      assert run.code == 75, inspect(run.log)
      assert run.seal == nil
      assert %{"code" => 75, "level" => "error", "feed" => "table", "key" => "table.csv"} = List.last(run.log)
      for _ <- 1..5, do: assert_received({:asked, _, _})
      refute_received {:asked, _, _}
    end

    test "#{name} that passes leaves no trace", %{tmp_dir: dir} do
      run = extract(dir, [unquote(answer), unquote(answer), Upstream.answer(200, @body)])
      assert run.code == 0, inspect(run.log)
      assert file(run.out) == @body
    end
  end

  for {name, code, answer} <- [
        {"404", 69, Upstream.answer(404)},
        {"410", 69, Upstream.answer(410)},
        {"401", 77, Upstream.answer(401)},
        {"204", 65, Upstream.answer(204)},
        {"an HTML page", 65, Upstream.answer(200, "<!DOCTYPE html>\n<html></html>")},
        {"an empty body", 65, Upstream.answer(200, "")},
        {"an unknown coding", 65, Upstream.answer(200, @body, %{"Content-Encoding" => "br"})},
        {"a large body", 65, Upstream.answer(200, String.duplicate("a,b\n", 2000))},
        {"a gzip bomb", 65,
         Upstream.answer(200, :zlib.gzip(:binary.copy(<<0>>, 50_000_000)), %{"Content-Encoding" => "gzip"})},
        {"a redirect to itself", 69, Upstream.answer(302, "", %{"Location" => "/leagues/data/table.csv"})},
        {"a redirect without a target", 69, Upstream.answer(302)},
        {"a redirect to a file", 69, Upstream.answer(302, "", %{"Location" => "file:///etc/passwd"})}
      ] do
    test "#{name} ends with #{code} at once, unsealed", %{tmp_dir: dir} do
      run = extract(dir, unquote(answer))
      assert run.code == unquote(code)
      assert run.seal == nil
      assert %{"code" => unquote(code), "level" => "error"} = List.last(run.log)
    end
  end

  test "refused bytes are kept for a look", %{tmp_dir: dir} do
    run = extract(dir, Upstream.answer(200, "<html>sorry</html>"))
    assert File.read!(Path.join(run.out, "tmp/refused/table/table.csv")) == "<html>sorry</html>"
  end

  test "an optional key that is known and gone is gone; one that never was is nothing", %{tmp_dir: dir} do
    optional = %{feeds: %{table: %{optional: true}}}

    assert [%{"status" => "gone"}] =
             extract(dir, Upstream.answer(404), Map.merge(optional, known(dir))).seal["files"]
  end

  test "a run in which nothing exists is no success", %{tmp_dir: dir} do
    assert extract(dir, Upstream.answer(404), %{feeds: %{table: %{optional: true}}}).code == 69
  end

  test "a wait that upstream asks for past the deadline ends the run, and says how long", %{tmp_dir: dir} do
    run = extract(dir, Upstream.answer(429, "", %{"Retry-After" => 120}))
    assert run.code == 75, inspect(run.log)
    assert %{"retry_after_s" => 120} = List.last(run.log)
    assert_received {:asked, _, _}
    refute_received {:asked, _, _}
  end

  test "redirects are followed", %{tmp_dir: dir} do
    run =
      extract(dir, [Upstream.answer(302, "", %{"Location" => "../other.csv"}), Upstream.answer(200, @body)])

    assert run.code == 0, inspect(run.log)
    assert_received {:asked, "/leagues/data/table.csv", _}
    assert_received {:asked, "/leagues/other.csv", _}
  end

  test "what was got is sealed where another key may come later", %{tmp_dir: dir} do
    feeds = %{feeds: %{other: %{format: "csv", base: "main", key: "other.csv"}}, limits: %{concurrency: 1}}
    run = extract(dir, [Upstream.answer(200, @body) | List.duplicate(Upstream.answer(500), 5)], feeds)
    assert run.code == 75, inspect(run.log)
    assert [%{"status" => "new"}] = run.seal["files"]
  end

  test "without two arguments it is a usage failure" do
    assert {64, log} = with_io(:stderr, fn -> Extractor.CLI.main([]) end)
    assert %{"code" => 64} = JSON.decode!(log)
  end

  test "a folder that cannot be written is an I/O failure", %{tmp_dir: dir} do
    request = RequestFile.write(dir, %{mirror: "http://127.0.0.1:1"})
    File.write!(Path.join(dir, "file"), "")
    assert {74, _} = with_io(:stderr, fn -> Extractor.CLI.main([request, Path.join(dir, "file")]) end)
  end

  test "what the mirror lacks is told once", %{tmp_dir: dir} do
    more = %{format: "csv", base: "main", key: "more.csv", optional: "mirror"}
    feeds = %{feeds: %{table: %{optional: "mirror"}, more: more, third: %{more | key: "third.csv"}}}
    run = extract(dir, %{"/leagues/data/third.csv" => Upstream.answer(200, @body)}, feeds)
    assert run.code == 0, inspect(run.log)
    assert [%{"n" => 2, "msg" => message}] = Enum.filter(run.log, &(&1["level"] == "warning"))
    assert message =~ "the mirror lacks 2 keys"
  end

  defmodule Listing do
    @moduledoc "A plan: the file names others, one a word."
    @behaviour Extractor.Plan
    alias Extractor.Plan

    @impl true
    def wanted!(request),
      do: for(wanted <- Plan.wanted!(request), do: %{wanted | read: true, whole: request.state == nil})

    @impl true
    def more!(request, texts) do
      names = for {_, text} <- texts, name <- String.split(text), do: name
      names = if names == [], do: request.state["names"], else: names
      table = %{"format" => "text", "key" => "{name}.txt"}
      {for(name <- names, do: Plan.one!(request, "listed", table, %{"name" => name})), %{names: names}}
    end
  end

  @text %{feeds: %{table: %{format: "text"}}}
  @index "/leagues/data/table.csv"

  test "a plan says what comes next by what came first, and what to remember", %{tmp_dir: dir} do
    listed = %{
      "/leagues/data/a.txt" => Upstream.answer(200, "of a"),
      "/leagues/data/b.txt" => Upstream.answer(200, "of b")
    }

    first = extract(Path.join(dir, "1"), Map.put(listed, @index, Upstream.answer(200, "a b")), @text, Listing)
    assert first.code == 0, inspect(first.log)
    assert first.seal["state"] == %{"names" => ["a", "b"]}
    assert for(file <- first.seal["files"], do: file["key"]) == ["a.txt", "b.txt", "table.csv"]
    assert File.read!(Path.join(first.out, "files/listed/b.txt")) == "of b"
    assert_received {:asked, @index, headers}
    refute is_map_key(headers, "if-none-match")

    known = Map.merge(@text, Map.put(known(dir, "a b"), :state, first.seal["state"]))
    second = extract(Path.join(dir, "2"), Map.put(listed, @index, Upstream.answer(304)), known, Listing)
    assert second.code == 0, inspect(second.log)
    assert length(second.seal["files"]) == 3
    assert_received {:asked, @index, %{"if-none-match" => ~s("1")}}
  end

  test "while something may still come, nothing rests on it, and no state is said", %{tmp_dir: dir} do
    run = extract(Path.join(dir, "1"), Upstream.answer(500), @text, Listing)
    assert {run.code, run.seal} == {75, nil}
    answers = %{@index => Upstream.answer(200, "a b"), "/leagues/data/a.txt" => Upstream.answer(200, "of a")}
    answers = Map.put(answers, "/leagues/data/b.txt", Upstream.answer(500))
    partial = extract(Path.join(dir, "2"), answers, @text, Listing)
    assert {partial.code, partial.seal["state"]} == {75, nil}
    assert for(file <- partial.seal["files"], do: file["key"]) == ["a.txt", "table.csv"]
  end

  test "what begins like no archive is none", %{tmp_dir: dir} do
    zip = %{feeds: %{table: %{expect: "zip"}}}
    assert extract(Path.join(dir, "1"), Upstream.answer(200, "not a zip"), zip).code == 65
    assert extract(Path.join(dir, "2"), Upstream.answer(200, "PK\x03\x04rest"), zip).code == 0
  end
end
