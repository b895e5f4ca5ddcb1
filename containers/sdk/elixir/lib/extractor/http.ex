defmodule Extractor.HTTP do
  @moduledoc """
  One GET with OTP's own client: the body of an answer that brings data is handed on piece by piece, as fast as it is
  taken. Whatever cuts it short is a temporary failure, and so is a body of another length than was announced.
  """

  alias Extractor.{Clock, Failure, Guard, Proxy, Tuning}

  @type headers :: %{String.t() => String.t()}
  @typedoc "Takes a piece of the body, or first the headers of the answer."
  @type sink :: ({:headers, headers} | {:piece, binary}, acc :: term -> acc :: term)

  @floor 1000

  @doc """
  Sends one GET. `{:ok, headers, acc}` after a body went through `sink`, else `{:status, status, headers}`.

  Redirects are not followed. Raises `Extractor.Failure` for what the network does.
  """
  @spec get!(String.t(), headers, Clock.t(), Tuning.t(), term, sink) ::
          {:ok, headers, term} | {:status, pos_integer, headers}
  def get!(url, headers, clock, tuning, acc, sink) do
    {profile, proxy_options} = Proxy.of(url)

    options = [
      autoredirect: false,
      connect_timeout: Clock.wait!(clock, round(tuning.connect * 1000)),
      ssl: if(String.starts_with?(url, "https:"), do: trust(), else: [])
    ]

    # A connection of its own for each request: queued on a shared one, it would wait for another's body.
    sent =
      for {name, value} <- Map.put(headers, "connection", "close"),
          do: {to_charlist(name), to_charlist(value)}

    how = [sync: false, stream: {:self, :once}, body_format: :binary]

    case :httpc.request(:get, {to_charlist(url), sent}, options ++ proxy_options, how, profile) do
      {:ok, id} ->
        reading = %{id: id, url: url, clock: clock, tuning: tuning, sink: sink}

        try do
          answer(reading, acc)
        after
          :httpc.cancel_request(id, profile)
          forget(id)
        end

      {:error, reason} ->
        raise failure(reason, url)
    end
  end

  defp answer(%{id: id} = reading, acc) do
    receive do
      {:http, {^id, :stream_start, headers, handler}} ->
        headers = plain(headers)
        acc = reading.sink.({:headers, headers}, acc)
        size = body(reading, handler, acc, 0, {Clock.now(), 0})
        whole(headers, size)

      {:http, {^id, {{_version, status, _phrase}, headers, body}}} when status in [200, 203] ->
        headers = plain(headers)
        acc = reading.sink.({:piece, body}, reading.sink.({:headers, headers}, acc))
        whole(headers, {byte_size(body), acc})

      {:http, {^id, {{_version, status, _phrase}, headers, _body}}} ->
        {:status, status, plain(headers)}

      {:http, {^id, {:error, reason}}} ->
        raise failure(reason, reading.url)
    after
      patience!(reading) -> raise Failure.new(:temporary, "#{Guard.shown(reading.url)}: timed out")
    end
  end

  defp body(%{id: id} = reading, handler, acc, size, window) do
    :httpc.stream_next(handler)

    receive do
      {:http, {^id, :stream, piece}} ->
        size = size + byte_size(piece)
        body(reading, handler, reading.sink.({:piece, piece}, acc), size, fast_enough!(window, size, reading))

      {:http, {^id, :stream_end, _headers}} ->
        {size, acc}

      {:http, {^id, {:error, reason}}} ->
        raise failure(reason, reading.url)
    after
      patience!(reading) ->
        raise Failure.new(:temporary, "#{Guard.shown(reading.url)}: timed out in the body")
    end
  end

  # OTP takes the end of a connection for the end of a body, however long it was to be.
  defp whole(headers, {size, acc}) do
    case Integer.parse(headers["content-length"] || "") do
      {announced, ""} when announced != size and not is_map_key(headers, "transfer-encoding") ->
        raise Failure.new(:temporary, "the body is cut: #{size} of #{announced} bytes")

      _ ->
        {:ok, headers, acc}
    end
  end

  defp fast_enough!({since, before}, size, %{tuning: %Tuning{floor: floor}}) do
    now = Clock.now()

    cond do
      now - since < floor * 1000 -> {since, before}
      size - before >= @floor * floor -> {now, size}
      true -> raise Failure.new(:temporary, "the body comes too slowly: #{size - before} bytes in #{floor} s")
    end
  end

  defp patience!(%{clock: clock, tuning: tuning}), do: Clock.wait!(clock, round(tuning.read * 1000))

  defp forget(id) do
    receive do
      {:http, message} when elem(message, 0) == id -> forget(id)
    after
      0 -> :ok
    end
  end

  defp plain(headers), do: Map.new(headers, fn {name, value} -> {to_string(name), to_string(value)} end)

  # Verified against the system's store, or what SSL_CERT_FILE names in its stead.
  defp trust do
    [
      verify: :verify_peer,
      cacerts: certificates!(System.get_env("SSL_CERT_FILE")),
      depth: 5,
      customize_hostname_check: [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    ]
  end

  defp certificates!(path) do
    with file when file not in [nil, ""] <- path,
         {:error, _} <- :public_key.cacerts_load(to_charlist(file)) do
      raise Failure.new(:configuration, "SSL_CERT_FILE is #{file}: there are no certificates")
    else
      _ -> :public_key.cacerts_get()
    end
  end

  @certificate ~w(unknown_ca bad_certificate certificate_expired certificate_unknown certificate_revoked
                  unsupported_certificate)a

  @doc false
  def failure({:failed_connect, details}, url) do
    case List.keyfind(details, :inet, 0) do
      {:inet, _, :nxdomain} -> no_such_host(url)
      {:inet, _, {:tls_alert, {kind, text}}} -> tls(kind, to_string(text), url)
      {:inet, _, why} -> temporary(url, "cannot connect: #{inspect(why)}")
      nil -> temporary(url, "cannot connect")
    end
  end

  def failure(:timeout, url), do: temporary(url, "timed out")

  def failure(reason, url),
    do: temporary(url, "the connection broke: #{inspect(reason, limit: 5, printable_limit: 60)}")

  defp tls(kind, text, url) do
    if kind in @certificate or String.contains?(text, "bad_cert") do
      Failure.new(:unavailable, "#{Guard.shown(url)}: its certificate cannot be verified: #{kind}")
    else
      temporary(url, "TLS: #{kind}")
    end
  end

  # OTP says nxdomain also of a resolver that does not answer: only one that works may say no for good.
  defp no_such_host(url) do
    if Guard.unknown?(url),
      do:
        Failure.new(:unavailable, "#{Guard.shown(url)}: there is no such host: correct the URL under [bases]"),
      else: temporary(url, "the name cannot be resolved now")
  end

  defp temporary(url, what), do: Failure.new(:temporary, "#{Guard.shown(url)}: #{what}")
end
