defmodule Extractor do
  @moduledoc """
  One extraction, from request to seal: fetches each feed's file and hands it to the pipeline as the landing protocol
  (version 1) wants it. What is new is in `Extractor.Plan` (what to fetch) and `Extractor.Fetch` (how); to serve
  a source of another kind, change those two.
  """

  alias Extractor.{Clock, Fetch, Failure, Log, Pace, Plan, Request, Seal}

  @doc """
  Does what the request at `path` asks, into the folder `out`; the protocol's exit code, after a last log line that says why.

  Raises `Extractor.Failure` for what is wrong before anything is fetched.
  """
  @spec run(Path.t(), Path.t()) :: non_neg_integer
  def run(path, out) do
    request = Request.read!(path)
    wanted = Plan.wanted!(request)
    fetch = Fetch.new(request, out, Clock.new(request.limits.deadline_s))
    Log.info("#{request.source}: fetching", n: 0, of: length(wanted))
    ticker = Log.start_ticker(min(5.0, request.limits.silence_s / 3), "#{request.source}: fetching")

    result =
      wanted |> results(fetch) |> Enum.reduce_while(%{files: [], failures: []}, &take(&1, &2, request, out))

    Log.stop(ticker)
    finish(result, request, out, length(wanted))
  end

  # Tasks end themselves at the deadline: every wait within them looks at the clock.
  defp results(wanted, %Fetch{} = fetch) do
    Task.async_stream(wanted, &{&1, attempt(fetch, &1)},
      max_concurrency: Pace.width(fetch.pace),
      ordered: false,
      timeout: :infinity
    )
  end

  # What goes wrong in a task is a value: a crash of its own would take the whole run with it, unexplained.
  defp attempt(fetch, wanted) do
    {:ok, Fetch.fetch!(fetch, wanted)}
  rescue
    error -> {:error, Failure.from(error)}
  end

  defp take({:ok, {_wanted, {:ok, nil}}}, result, _request, _out), do: {:cont, result}

  defp take({:ok, {wanted, {:ok, {file, part}}}}, result, request, out) do
    files = [file | result.files]

    case Seal.place(file, part, out, new(files), request.limits) do
      :ok -> {:cont, %{result | files: files}}
      {:error, failure} -> {:halt, %{result | failures: [{wanted, failure}]}}
    end
  end

  defp take({:ok, {wanted, {:error, %Failure{kind: :temporary} = failure}}}, result, _request, _out),
    do: {:cont, %{result | failures: result.failures ++ [{wanted, failure}]}}

  # One key that fails for good ends the run: nothing is sealed.
  defp take({:ok, {wanted, {:error, failure}}}, result, _request, _out),
    do: {:halt, %{result | failures: [{wanted, failure}]}}

  defp finish(%{failures: [{wanted, %Failure{kind: kind} = failure} | _]}, _request, _out, _total)
       when kind != :temporary do
    Log.failure(failure, wanted)
  end

  defp finish(%{files: [], failures: []}, _request, _out, total) do
    Log.failure(
      Failure.new(:unavailable, "none of #{total} keys exists upstream: look at [bases], key and url")
    )
  end

  defp finish(%{files: files, failures: failures}, request, out, total) do
    if files != [] do
      Seal.write!(out, request, files)

      counts =
        Enum.map_join(~w(new unchanged gone), ", ", &"#{Enum.count(files, fn f -> f.status == &1 end)} #{&1}")

      Log.info("sealed: #{counts}", n: length(files), of: total)
    end

    if failures == [], do: 0, else: partial(failures, total)
  end

  # Some keys failed in ways that may pass: the first says why, the longest wait counts.
  defp partial([{wanted, first} | _] = failures, total) do
    pause = failures |> Enum.map(fn {_, failure} -> failure.retry_after_s end) |> Enum.reject(&is_nil/1)
    message = "#{length(failures)} of #{total} keys failed, the first: #{first.message}"
    Log.failure(Failure.new(:temporary, message, Enum.max(pause, fn -> nil end)), wanted)
  end

  defp new(files), do: Enum.filter(files, &(&1.status == "new"))
end
