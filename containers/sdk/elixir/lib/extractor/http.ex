defmodule Extractor.HTTP do
  @moduledoc """
  One GET over a connection of its own: the body of an answer that brings data is handed on piece by piece, as fast as
  it is taken. Whatever cuts it short is a temporary failure.

  OTP's own client is not used: it takes the end of a connection for the end of a body, however long that was to be, and
  repeats a request that was answered 503 with Retry-After behind its caller's back, past any deadline.
  """

  alias Extractor.{Clock, Connection, Failure, Guard, Proxy, Tuning}

  @type headers :: %{String.t() => String.t()}
  @typedoc "Takes the headers of an answer, and then each piece of its body."
  @type sink :: ({:headers, headers} | {:piece, binary}, acc :: term -> acc :: term)

  @floor 1000
  # So large that calls do not count, so small that the slowest body that is fast enough fills one before a read times out.
  @piece 16_384
  @most_headers 200

  @doc """
  Sends one GET. `{:ok, headers, acc}` after a body went through `sink`, else `{:status, status, headers}`.

  Redirects are not followed. Raises `Extractor.Failure` for what the network does.
  """
  @spec get!(String.t(), headers, Clock.t(), Tuning.t(), term, sink) ::
          {:ok, headers, term} | {:status, pos_integer, headers}
  def get!(url, headers, clock, tuning, acc, sink) do
    connection = Connection.open!(url, clock, tuning)

    try do
      Connection.send!(connection, request(connection, headers))

      case answer!(connection) do
        {status, headers} when status in [200, 203, 206] ->
          {:ok, headers,
           body!(connection, headers, {sink.({:headers, headers}, acc), sink, 0, {Clock.now(), 0}})}

        {status, headers} ->
          {:status, status, headers}
      end
    after
      Connection.close(connection)
    end
  end

  defp request(%Connection{url: url, proxy: proxy}, headers) do
    uri = URI.parse(url)
    path = (uri.path || "/") <> if(uri.query, do: "?" <> uri.query, else: "")

    host =
      Guard.bracketed(uri.host) <> if(uri.port == URI.default_port(uri.scheme), do: "", else: ":#{uri.port}")

    {target, credentials} =
      if proxy && uri.scheme == "http", do: {url, Proxy.credentials(proxy)}, else: {path, []}

    lines = for {name, value} <- headers, do: [name, ": ", value, "\r\n"]
    ["GET ", target, " HTTP/1.1\r\nhost: ", host, "\r\nconnection: close\r\n", lines, credentials, "\r\n"]
  end

  defp answer!(connection) do
    case Connection.read!(connection, :http_bin) do
      # An interim answer: the real one follows.
      {:http_response, _, status, _} when status in 100..199 ->
        connection |> headers!(%{}, 0) |> then(fn _ -> answer!(connection) end)

      {:http_response, _, status, _} ->
        {status, headers!(connection, %{}, 0)}

      :closed ->
        broken!(connection, "the connection was closed without an answer")

      _ ->
        broken!(connection, "the answer is no HTTP")
    end
  end

  defp headers!(connection, found, count) do
    case Connection.read!(connection, :httph_bin) do
      :http_eoh ->
        found

      {:http_header, _, name, _, value} when count < @most_headers ->
        headers!(connection, Map.put(found, lower(name), latin1(value)), count + 1)

      _ ->
        broken!(connection, "the answer's headers are cut or wrong")
    end
  end

  defp lower(name), do: name |> to_string() |> String.downcase()
  defp latin1(value), do: :unicode.characters_to_binary(value, :latin1)

  defp body!(connection, headers, progress) do
    coding = String.downcase(headers["transfer-encoding"] || "")

    case Integer.parse(headers["content-length"] || "") do
      _ when coding == "chunked" -> chunks!(connection, progress)
      _ when coding not in ["", "identity"] -> broken!(connection, "the transfer coding is unknown")
      {length, ""} when length >= 0 -> connection |> exactly!(length, progress) |> acc()
      _ -> rest!(connection, progress)
    end
  end

  defp acc({acc, _sink, _size, _window}), do: acc

  defp exactly!(_connection, 0, progress), do: progress

  defp exactly!(connection, left, progress) do
    case Connection.read!(connection, :raw, min(left, @piece)) do
      :closed -> broken!(connection, "the body is cut: #{left} bytes are missing")
      piece -> exactly!(connection, left - byte_size(piece), took!(piece, progress, connection))
    end
  end

  # Without a length the end of the connection is the end of the body.
  defp rest!(connection, progress) do
    case Connection.read!(connection, :raw) do
      :closed -> acc(progress)
      piece -> rest!(connection, took!(piece, progress, connection))
    end
  end

  defp chunks!(connection, progress) do
    case connection |> line!() |> Integer.parse(16) do
      {0, _} ->
        trailers!(connection, progress)

      {size, rest} when size > 0 and (rest == "" or binary_part(rest, 0, 1) in [";", " "]) ->
        chunk!(connection, size, progress)

      _ ->
        broken!(connection, "the chunked body is damaged")
    end
  end

  defp chunk!(connection, size, progress) do
    progress = exactly!(connection, size, progress)
    if line!(connection) != "", do: broken!(connection, "the chunked body is damaged")
    chunks!(connection, progress)
  end

  defp trailers!(connection, progress) do
    if line!(connection) == "", do: acc(progress), else: trailers!(connection, progress)
  end

  defp line!(connection) do
    case Connection.read!(connection, :line) do
      :closed -> broken!(connection, "the chunked body is cut")
      line -> String.trim_trailing(line, "\r\n")
    end
  end

  defp took!(piece, {acc, sink, size, window}, connection) do
    size = size + byte_size(piece)
    {sink.({:piece, piece}, acc), sink, size, fast_enough!(window, size, connection.tuning.floor)}
  end

  defp fast_enough!({since, before}, size, floor) do
    now = Clock.now()

    cond do
      now - since < floor * 1000 -> {since, before}
      size - before >= @floor * floor -> {now, size}
      true -> raise Failure.new(:temporary, "the body comes too slowly: #{size - before} bytes in #{floor} s")
    end
  end

  @spec broken!(Connection.t(), String.t()) :: no_return
  defp broken!(connection, what),
    do: raise(Failure.new(:temporary, "#{Guard.shown(connection.url)}: #{what}"))
end
