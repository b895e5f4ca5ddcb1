defmodule Extractor.Log do
  @moduledoc "The log: one JSON object a line on standard error. Never give it a secret, also not within a URL."

  alias Extractor.Failure

  def info(message, fields \\ []), do: say("info", message, fields)
  def warning(message, fields \\ []), do: say("warning", message, fields)
  def error(message, fields \\ []), do: say("error", message, fields)

  @doc "The last line before a failing exit; the exit code."
  @spec failure(Failure.t(), %{feed: String.t(), key: String.t()} | nil) :: non_neg_integer
  def failure(%Failure{} = failure, wanted \\ nil) do
    code = Failure.code(failure)
    where = if wanted, do: [feed: wanted.feed, key: wanted.key], else: []
    error(failure.message, [code: code, retry_after_s: failure.retry_after_s] ++ where)
    code
  end

  @doc "A line every so many seconds, so that nobody takes a long download for silence. `stop/1` ends it."
  @spec start_ticker(float, String.t()) :: pid
  def start_ticker(seconds, message) do
    spawn(fn ->
      fn -> Process.sleep(round(seconds * 1000)) end
      |> Stream.repeatedly()
      |> Enum.each(fn _ -> info(message) end)
    end)
  end

  @doc "Ends a ticker; it says nothing after that."
  @spec stop(pid) :: :ok
  def stop(ticker) do
    monitor = Process.monitor(ticker)
    Process.exit(ticker, :kill)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    end
  end

  defp say(level, message, fields) do
    line = for {name, value} <- fields, value != nil, into: %{}, do: {name, text(value)}
    IO.puts(:stderr, JSON.encode!(Map.merge(line, %{level: level, msg: text(message)})))
  end

  # What an upstream sends may be no text at all.
  defp text(value) when is_binary(value), do: String.replace_invalid(value)
  defp text(value), do: value
end
