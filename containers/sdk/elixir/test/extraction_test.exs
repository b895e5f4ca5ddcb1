defmodule Extractor.ExtractionTest do
  # One test at a time: what is captured is the log of the whole VM.
  use ExUnit.Case, async: false

  import ExUnit.CaptureIO
  alias Extractor.Test.{RequestFile, Upstream}

  @moduletag :tmp_dir
  @body "date,home,away\n" <> String.duplicate("2026-08-01,A,B\n", 20)

  # One run against an upstream: exit code, seal (nil without one), log lines and the output folder.
  defp extract(dir, answers, changes \\ %{}) do
    url = Upstream.start(List.wrap(answers))
    out = Path.join(dir, "out")
    File.mkdir_p!(out)
    request = RequestFile.write(dir, Map.merge(%{mirror: url}, changes))
    {code, log} = with_io(:stderr, fn -> Extractor.CLI.main([request, out]) end)
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
end
