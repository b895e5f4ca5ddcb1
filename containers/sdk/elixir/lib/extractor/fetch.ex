defmodule Extractor.Fetch do
  @moduledoc "One key: asked for conditionally, tried again while that may help, and judged before it counts."

  alias Extractor.{Body, Clock, Expect, Failure, Guard, HTTP, Log, Pace, Plan, Proxy, Request, Seal, Tuning}

  @enforce_keys [:request, :tmp, :clock, :pace, :tuning, :headers]
  defstruct @enforce_keys
  @type t :: %__MODULE__{request: Request.t(), clock: Clock.t(), pace: Pace.t(), tuning: Tuning.t()}

  @redirects [301, 302, 303, 307, 308]
  @passing [408, 425, 429]

  @doc "What all fetches of a run share."
  @spec new(Request.t(), Path.t(), Clock.t()) :: t
  def new(%Request{} = request, out, clock) do
    tmp = Path.join(out, "tmp")
    File.mkdir_p!(tmp)

    %__MODULE__{
      request: request,
      tmp: tmp,
      clock: clock,
      pace: Pace.new(request),
      tuning: Tuning.new(),
      headers: %{"user-agent" => agent!(request.config["contact"] || ""), "accept-encoding" => "gzip"}
    }
  end

  @doc "What upstream has under a key now, and where the bytes lie; nil for an optional key that it never had."
  @spec fetch!(t, Plan.wanted()) :: {Seal.file(), Path.t() | nil} | nil
  def fetch!(%__MODULE__{} = fetch, wanted), do: fetch!(fetch, wanted, 1)

  defp fetch!(fetch, wanted, try) do
    once!(fetch, wanted)
  rescue
    failure in Failure ->
      if failure.kind != :temporary or try == Pace.tries(), do: reraise(failure, __STACKTRACE__)
      if failure.retry_after_s, do: Pace.hold(fetch.pace, failure.retry_after_s)
      pause = failure.retry_after_s || Pace.backoff(fetch.tuning.backoff, try)
      again = "#{failure.message}; again in #{:erlang.float_to_binary(pause / 1, decimals: 1)} s"
      Log.warning(again, feed: wanted.feed, key: wanted.key)
      Clock.sleep!(fetch.clock, pause)
      fetch!(fetch, wanted, try + 1)
  end

  defp once!(fetch, wanted) do
    known = fetch.request.known[{wanted.feed, wanted.key}]
    # Several keys of a feed are fetched at once.
    part = Path.join(fetch.tmp, "#{System.unique_integer([:positive])}.part")
    headers = Map.merge(fetch.headers, if(wanted.whole, do: %{}, else: conditions(known)))

    saved =
      File.open!(part, [:write, :raw, :binary], fn file ->
        body = Body.new(file, trunc(fetch.request.limits.max_file_bytes))

        with {:ok, headers, body} <- follow!(fetch, wanted.url, headers, body),
             do: {:ok, headers, body, Body.finish!(body)}
      end)

    case saved do
      {:ok, headers, body, sha256} ->
        judged!(fetch, wanted, known, part, {headers, body, sha256})

      {:status, status, headers} ->
        File.rm!(part)
        without_body!(wanted, known, status, headers)
    end
  end

  # All redirects; those that start in public stay there.
  defp follow!(fetch, url, headers, body) do
    Enum.reduce_while(Stream.iterate(1, &(&1 + 1)), url, fn hops, from ->
      Pace.wait!(fetch.pace, fetch.clock)

      case HTTP.get!(from, headers, fetch.clock, fetch.tuning, body, &Body.take/2) do
        {:status, status, answer} when status in @redirects ->
          {:cont, next!(url, from, answer["location"], hops)}

        answer ->
          {:halt, answer}
      end
    end)
  end

  defp next!(first, from, location, hops) do
    to = Guard.next!(from, location, hops)
    # A proxy resolves names, not we.
    unless Proxy.find(to, System.get_env()) || Guard.private?(first), do: Guard.public!(to)
    to
  end

  defp judged!(fetch, wanted, known, part, {headers, body, sha256}) do
    if fault = Expect.fault(wanted.expect, body.head, body.tail) do
      raise Failure.new(:data, "#{fault} (kept as #{keep!(fetch, wanted, part)})")
    end

    status = if known && known["sha256"] == sha256, do: "unchanged", else: "new"
    said = %{etag: validator(headers, "etag"), last_modified: validator(headers, "last-modified")}
    {file(wanted, status, Map.merge(said, %{bytes: body.bytes, sha256: sha256})), part}
  end

  defp without_body!(wanted, %{} = known, 304, headers) do
    as_known = %{
      bytes: known["bytes"],
      sha256: known["sha256"],
      etag: validator(headers, "etag") || known["etag"],
      last_modified: validator(headers, "last-modified") || known["last_modified"]
    }

    {file(wanted, "unchanged", as_known), nil}
  end

  defp without_body!(%{optional: true}, nil, status, _headers) when status in [404, 410], do: nil

  defp without_body!(%{optional: true} = wanted, _known, status, _) when status in [404, 410],
    do: {file(wanted, "gone", %{}), nil}

  defp without_body!(wanted, _known, status, headers),
    do: raise(refused(status, headers, Guard.shown(wanted.url)))

  # What a status means that brings no data.
  defp refused(status, headers, where) when status in @passing or status >= 500 do
    pause = if status in [429, 503], do: Pace.retry_after(headers["retry-after"], DateTime.utc_now())
    Failure.new(:temporary, "status #{status} from #{where}", pause)
  end

  defp refused(status, _, where) when status in [401, 403, 407],
    do: Failure.new(:permission, "status #{status} from #{where}")

  defp refused(status, _, where) when status < 300,
    do: Failure.new(:data, "status #{status} from #{where}, without data")

  defp refused(status, _, where), do: Failure.new(:unavailable, "status #{status} from #{where}")

  defp file(wanted, status, fields) do
    now = DateTime.utc_now() |> DateTime.truncate(:second) |> DateTime.to_iso8601()
    Map.merge(%{feed: wanted.feed, key: wanted.key, status: status, url: wanted.url, fetched_at: now}, fields)
  end

  defp validator(headers, name) do
    case headers[name] do
      value when value in [nil, ""] or byte_size(value) > 1024 -> nil
      value -> value
    end
  end

  # Only what can stand in a header.
  defp conditions(nil), do: %{}

  defp conditions(known) do
    for {name, value} <- [{"if-none-match", known["etag"]}, {"if-modified-since", known["last_modified"]}],
        value != nil and value =~ ~r/\A[\x20-\x7e]+\z/,
        into: %{},
        do: {name, value}
  end

  # Refused bytes stay where somebody can look at them.
  defp keep!(fetch, wanted, part) do
    kept = Path.join([fetch.tmp, "refused", wanted.feed, wanted.key])
    File.mkdir_p!(Path.dirname(kept))
    File.rename!(part, kept)
    "tmp/refused/#{wanted.feed}/#{wanted.key}"
  end

  defp agent!(contact) do
    unless is_binary(contact) and contact =~ ~r/\A[\x20-\x7e]*\z/ do
      raise Failure.new(
              :configuration,
              "config.contact is #{inspect(contact)}; an address in plain ASCII is expected"
            )
    end

    product = "fieldhouse-elixir/#{Application.spec(:extractor, :vsn) || "0"}"
    if contact == "", do: product, else: "#{product} (+#{contact})"
  end
end
