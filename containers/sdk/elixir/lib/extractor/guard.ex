defmodule Extractor.Guard do
  @moduledoc "Where a redirect may lead: never down to plain http, and never from the public network into a private one."

  import Bitwise
  alias Extractor.Failure

  @max_redirects 5

  @doc "The URL that the redirect number `hops` from `url` leads to; raises where it must not be followed."
  @spec next!(String.t(), String.t() | nil, pos_integer) :: String.t()
  def next!(url, nil, _hops), do: refuse!("a redirect from #{shown(url)} without a target")

  def next!(url, location, hops) do
    if hops > @max_redirects,
      do: refuse!("more than #{@max_redirects} redirects, the last one from #{shown(url)}")

    target = url |> URI.merge(location) |> Map.put(:fragment, nil)

    cond do
      target.scheme not in ["http", "https"] or target.host in [nil, ""] or target.userinfo ->
        refuse!("a redirect from #{shown(url)} to what is no plain http or https URL")

      String.starts_with?(url, "https:") and target.scheme != "https" ->
        refuse!("a redirect from #{shown(url)} down to unencrypted http")

      true ->
        URI.to_string(target)
    end
  rescue
    ArgumentError -> refuse!("a redirect from #{shown(url)} to what is no URL")
  end

  @doc "Raises where `url`, asked for after a redirect from the public network, leads into a private one."
  @spec public!(String.t()) :: :ok
  def public!(url) do
    if private?(url), do: refuse!("a redirect to #{URI.parse(url).host}, which has a private address")
    :ok
  end

  @doc "Whether a URL's host is a private, loopback or link-local address, by name or by any address that it has."
  @spec private?(String.t()) :: boolean
  def private?(url) do
    host = URI.parse(url).host || ""

    host == "localhost" or String.ends_with?(host, ".localhost") or
      Enum.any?(addresses(host), &private_address?/1)
  end

  @doc "A URL as it may be logged: without its query, which can hold a signature."
  @spec shown(String.t()) :: String.t()
  def shown(url), do: url |> String.split("?") |> hd()

  @doc "Whether a name server says that a URL's host does not exist; false where none answers. `servers`: for tests."
  @spec unknown?(String.t(), keyword) :: boolean
  def unknown?(url, servers \\ []) do
    # Without `nxdomain_reply` it says nxdomain even where no server could be reached.
    options = [timeout: 2000, retry: 1, nxdomain_reply: true] ++ servers

    match?(
      {:error, {:nxdomain, _}},
      :inet_res.resolve(to_charlist(URI.parse(url).host), :in, :a, options, 5000)
    )
  end

  @doc "Whether a host is an address, not a name."
  @spec address?(String.t()) :: boolean
  def address?(host), do: parse(host) != nil

  @doc "A host as it stands in a URL: an address of version 6 has brackets."
  @spec bracketed(String.t()) :: String.t()
  def bracketed(host), do: if(String.contains?(host, ":"), do: "[#{host}]", else: host)

  defp addresses(host) do
    case parse(String.trim(host, "[") |> String.trim("]")) do
      nil ->
        for family <- [:inet, :inet6],
            {:ok, found} <- [:inet.getaddrs(to_charlist(host), family)],
            ip <- found,
            do: ip

      ip ->
        [ip]
    end
  end

  defp parse(text) do
    case :inet.parse_strict_address(to_charlist(text)) do
      {:ok, ip} -> ip
      _ -> nil
    end
  end

  @doc false
  def private_address?({a, _, _, _}) when a in [0, 10, 127] or a >= 224, do: true
  def private_address?({100, b, _, _}) when b in 64..127, do: true
  def private_address?({169, 254, _, _}), do: true
  def private_address?({172, b, _, _}) when b in 16..31, do: true
  def private_address?({192, 168, _, _}), do: true
  def private_address?({_, _, _, _}), do: false
  def private_address?({0, 0, 0, 0, 0, 0xFFFF, high, low}), do: private_address?(inner(high, low))
  def private_address?({0x64, 0xFF9B, 0, 0, 0, 0, high, low}), do: private_address?(inner(high, low))
  def private_address?({0x2002, high, low, _, _, _, _, _}), do: private_address?(inner(high, low))
  # Only 2000::/3 is public.
  def private_address?({first, _, _, _, _, _, _, _}), do: (first &&& 0xE000) != 0x2000

  defp inner(high, low), do: {high >>> 8, high &&& 0xFF, low >>> 8, low &&& 0xFF}

  @spec refuse!(String.t()) :: no_return
  defp refuse!(message), do: raise(Failure.new(:unavailable, message))
end
