defmodule Extractor.Test.RequestFile do
  @moduledoc "Requests as the pipeline writes them."

  @doc "Writes a request for one feed, `table`, into `folder`; `changes` are merged into it. Its path."
  def write(folder, changes \\ %{}) do
    request = %{
      protocol: 1,
      task: "extract",
      source: "leagues",
      run: "day-1",
      attempt: 2,
      interval: nil,
      feeds: %{table: %{format: "csv", base: "main", key: "table.csv"}},
      config: %{contact: "data@leagues.example"},
      secrets: nil,
      known: nil,
      state: nil,
      limits: %{
        deadline_s: 60,
        silence_s: 30,
        max_bytes: 10_000,
        max_file_bytes: 5_000,
        max_files: 20,
        requests_per_second: 1000,
        concurrency: 2
      },
      bases: %{main: %{url: "https://leagues.example/data", mirror: "data"}},
      mirror: nil
    }

    path = Path.join(folder, "request.json")
    File.write!(path, JSON.encode!(merge(request, changes)))
    path
  end

  @doc "Writes what the lake knows; the path."
  def known(folder, entries) do
    path = Path.join(folder, "known.ndjson")
    File.write!(path, Enum.map(entries, &[JSON.encode!(&1), "\n"]))
    path
  end

  defp merge(old, new),
    do: Map.merge(old, new, fn _, a, b -> if is_map(a) and is_map(b), do: merge(a, b), else: b end)
end
