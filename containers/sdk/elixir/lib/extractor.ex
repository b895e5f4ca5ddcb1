defmodule Extractor do
  @moduledoc """
  One extraction, from request to seal: fetches files and hands them to the pipeline as the landing protocol (version 1)
  wants it. What is fetched is said by a plan: `Extractor.Plan`, or a module like it for a source of another kind.
  """

  alias Extractor.{Clock, Fetch, Failure, Log, Pace, Plan, Request, Seal}

  @doc """
  Does what the request at `path` asks, into the folder `out`; the protocol's exit code, after a last log line that says why.

  `plan`: an `Extractor.Plan`. Raises `Extractor.Failure` for what is wrong before anything is fetched.
  """
  @spec run(Path.t(), Path.t(), module) :: non_neg_integer
  def run(path, out, plan \\ Plan) do
    request = Request.read!(path)
    wanted = plan.wanted!(request)
    fetch = Fetch.new(request, out, Clock.new(request.limits.deadline_s))
    ticker = Log.start_ticker(min(5.0, request.limits.silence_s / 3), "#{request.source}: fetching")
    nothing = %{files: [], failures: [], texts: %{}, lacking: [], total: 0, state: nil}
    result = nothing |> fetched(wanted, fetch, request, out) |> more(plan, fetch, request, out)
    Log.stop(ticker)
    finish(result, request, out)
  end

  defp fetched(result, wanted, fetch, request, out) do
    total = result.total + length(wanted)
    Log.info("#{request.source}: fetching", n: length(result.files), of: total)
    wanted |> results(fetch) |> Enum.reduce_while(%{result | total: total}, &take(&1, &2, request, out))
  end

  # What is fetched then rests on what was read: not while something of it failed.
  defp more(%{failures: [_ | _]} = result, _plan, _fetch, _request, _out), do: result

  defp more(result, plan, fetch, request, out) do
    {wanted, state} = plan.more!(request, result.texts)
    result = %{result | state: state, texts: %{}}
    if wanted == [], do: result, else: fetched(result, wanted, fetch, request, out)
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

  defp take({:ok, {wanted, {:ok, nil}}}, result, _request, _out) do
    {:cont, if(wanted.lacking, do: %{result | lacking: [wanted | result.lacking]}, else: result)}
  end

  defp take({:ok, {wanted, {:ok, {file, part}}}}, result, request, out) do
    files = [file | result.files]
    texts = if wanted.read and part, do: %{{file.feed, file.key} => File.read!(part)}, else: %{}
    result = %{result | texts: Map.merge(result.texts, texts)}

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

  defp finish(%{failures: [{wanted, %Failure{kind: kind} = failure} | _]}, _request, _out)
       when kind != :temporary do
    Log.failure(failure, wanted)
  end

  defp finish(%{files: [], failures: [], total: total}, _request, _out) do
    Log.failure(
      Failure.new(:unavailable, "none of #{total} keys exists upstream: look at [bases], key and url")
    )
  end

  defp finish(%{files: files, failures: failures, total: total} = result, request, out) do
    tell_lacking(result.lacking)

    if files != [] do
      Seal.write!(out, request, files, if(failures == [], do: result.state))

      counts =
        Enum.map_join(~w(new unchanged gone), ", ", &"#{Enum.count(files, fn f -> f.status == &1 end)} #{&1}")

      Log.info("sealed: #{counts}", n: length(files), of: total)
    end

    if failures == [], do: 0, else: partial(failures, total)
  end

  defp tell_lacking([]), do: :ok

  defp tell_lacking([wanted | _] = lacking) do
    message = "the mirror lacks #{length(lacking)} keys that upstream must have, such as this one"
    Log.warning(message, feed: wanted.feed, key: wanted.key, n: length(lacking))
  end

  # Some keys failed in ways that may pass: the first says why, the longest wait counts.
  defp partial([{wanted, first} | _] = failures, total) do
    pause = failures |> Enum.map(fn {_, failure} -> failure.retry_after_s end) |> Enum.reject(&is_nil/1)
    message = "#{length(failures)} of #{total} keys failed, the first: #{first.message}"
    Log.failure(Failure.new(:temporary, message, Enum.max(pause, fn -> nil end)), wanted)
  end

  defp new(files), do: Enum.filter(files, &(&1.status == "new"))
end
