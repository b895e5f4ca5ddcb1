defmodule Extractor.Connection do
  @moduledoc "A connection to an upstream: direct or through a proxy, verified where it is encrypted, patient until the deadline."

  alias Extractor.{Clock, Failure, Guard, Proxy, Tuning}

  @enforce_keys [:url, :clock, :tuning, :socket]
  defstruct [:url, :clock, :tuning, :socket, transport: :gen_tcp, proxy: nil]

  @type t :: %__MODULE__{url: String.t(), clock: Clock.t(), tuning: Tuning.t(), proxy: URI.t() | nil}

  @options [:binary, active: false, nodelay: true, packet_size: 16_384, send_timeout: 60_000]

  @doc "Connects to where `url` leads; the caller closes it."
  @spec open!(String.t(), Clock.t(), Tuning.t()) :: t
  def open!(url, clock, tuning) do
    upstream = URI.parse(url)
    proxy = Proxy.of(url)
    socket = connect!(proxy || upstream, url, Clock.wait!(clock, round(tuning.connect * 1000)))
    connection = %__MODULE__{url: url, clock: clock, tuning: tuning, socket: socket, proxy: proxy}

    try do
      if upstream.scheme == "https",
        do: connection |> tunnel!(upstream) |> encrypt!(upstream),
        else: connection
    rescue
      failure ->
        :gen_tcp.close(socket)
        reraise failure, __STACKTRACE__
    end
  end

  @spec close(t) :: :ok
  def close(%__MODULE__{transport: transport, socket: socket}) do
    transport.close(socket)
    :ok
  end

  @spec send!(t, iodata) :: :ok
  def send!(%__MODULE__{} = connection, data) do
    with {:error, reason} <- connection.transport.send(connection.socket, data),
         do: raise(failure(reason, connection.url))
  end

  @doc "What comes next, read as `packet`; `:closed` where the other side is done."
  @spec read!(t, :http_bin | :httph_bin | :line | :raw, non_neg_integer) :: term | :closed
  def read!(%__MODULE__{transport: transport, socket: socket} = connection, packet, length \\ 0) do
    patience = Clock.wait!(connection.clock, round(connection.tuning.read * 1000))

    with :ok <- options(transport).setopts(socket, packet: packet),
         {:ok, found} <- transport.recv(socket, length, patience) do
      found
    else
      {:error, :closed} -> :closed
      {:error, reason} -> raise failure(reason, connection.url)
    end
  end

  defp options(:gen_tcp), do: :inet
  defp options(:ssl), do: :ssl

  defp connect!(%URI{host: host, port: port}, url, patience) do
    host = to_charlist(host)

    with {:error, :nxdomain} <- :gen_tcp.connect(host, port, [:inet | @options], patience),
         {:error, reason} <- :gen_tcp.connect(host, port, [:inet6 | @options], patience) do
      raise failure(reason, url)
    else
      {:ok, socket} -> socket
      {:error, reason} -> raise failure(reason, url)
    end
  end

  # A proxy passes encrypted bytes on, once it has said so.
  defp tunnel!(%__MODULE__{proxy: nil} = connection, _upstream), do: connection

  defp tunnel!(connection, upstream) do
    where = "#{Guard.bracketed(upstream.host)}:#{upstream.port}"

    send!(connection, [
      "CONNECT ",
      where,
      " HTTP/1.1\r\nhost: ",
      where,
      "\r\n",
      Proxy.credentials(connection.proxy),
      "\r\n"
    ])

    case read!(connection, :http_bin) do
      {:http_response, _, status, _} when status in 200..299 -> skip_headers!(connection)
      {:http_response, _, 407, _} -> raise Failure.new(:permission, "the proxy wants a password")
      _ -> raise Failure.new(:temporary, "#{Guard.shown(connection.url)}: the proxy does not connect")
    end
  end

  defp skip_headers!(connection) do
    case read!(connection, :httph_bin) do
      :http_eoh -> connection
      {:http_header, _, _, _, _} -> skip_headers!(connection)
      _ -> raise Failure.new(:temporary, "#{Guard.shown(connection.url)}: the proxy does not connect")
    end
  end

  defp encrypt!(connection, upstream) do
    :ok = :inet.setopts(connection.socket, packet: :raw)
    patience = Clock.wait!(connection.clock, round(connection.tuning.connect * 1000))

    case :ssl.connect(connection.socket, trust() ++ name(upstream.host), patience) do
      {:ok, socket} -> %{connection | socket: socket, transport: :ssl}
      {:error, reason} -> raise failure(reason, connection.url)
    end
  end

  # An address is no name: it is compared with the one that was reached.
  defp name(host), do: if(Guard.address?(host), do: [], else: [server_name_indication: to_charlist(host)])

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

  @doc "What an error of the network means for the run."
  @spec failure(term, String.t()) :: Failure.t()
  def failure({:tls_alert, {kind, text}}, url) do
    if kind in @certificate or String.contains?(to_string(text), "bad_cert"),
      do: Failure.new(:unavailable, "#{Guard.shown(url)}: its certificate cannot be verified: #{kind}"),
      else: temporary(url, "TLS: #{kind}")
  end

  # OTP says nxdomain also of a resolver that does not answer: only one that works may say no for good.
  def failure(:nxdomain, url) do
    if Guard.unknown?(url),
      do:
        Failure.new(:unavailable, "#{Guard.shown(url)}: there is no such host: correct the URL under [bases]"),
      else: temporary(url, "the name cannot be resolved now")
  end

  def failure(:timeout, url), do: temporary(url, "timed out")

  def failure(reason, url),
    do: temporary(url, "the connection broke: #{inspect(reason, limit: 5, printable_limit: 60)}")

  defp temporary(url, what), do: Failure.new(:temporary, "#{Guard.shown(url)}: #{what}")
end
