defmodule Extractor.Proxy do
  @moduledoc "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY: which of OTP's client profiles a URL is asked with."

  alias Extractor.Failure

  @doc "The profile for a URL, started when it is first needed, and options that carry a proxy's password."
  @spec of(String.t(), %{String.t() => String.t()}) :: {atom, keyword}
  def of(url, env \\ System.get_env()) do
    case find(url, env) do
      nil -> {profile(:direct, ipfamily: :inet6fb4), []}
      proxy -> through(URI.parse(if(proxy =~ "://", do: proxy, else: "http://" <> proxy)))
    end
  end

  @doc "The proxy's address for a URL, or nil."
  @spec find(String.t(), %{String.t() => String.t()}) :: String.t() | nil
  def find(url, env) do
    %URI{scheme: scheme, host: host} = URI.parse(url)
    proxy = value(env, "#{scheme}_proxy") || value(env, "all_proxy")
    if proxy && not excepted?(host || "", value(env, "no_proxy") || ""), do: proxy
  end

  defp value(env, name) do
    case env[name] || env[String.upcase(name)] do
      "" -> nil
      found -> found
    end
  end

  defp excepted?(host, list) do
    list
    |> String.split(",", trim: true)
    |> Enum.map(&(&1 |> String.trim() |> String.trim_leading(".")))
    |> Enum.any?(&(&1 == "*" or host == &1 or (&1 != "" and String.ends_with?(host, "." <> &1))))
  end

  defp through(%URI{scheme: "http", host: host, port: port, userinfo: user}) when host not in [nil, ""] do
    proxy = {{to_charlist(host), port}, []}
    name = :"proxy_#{:erlang.phash2({host, port})}"
    {profile(name, proxy: proxy, https_proxy: proxy), credentials(user)}
  end

  defp through(_),
    do: raise(Failure.new(:configuration, "HTTPS_PROXY or HTTP_PROXY is no http URL of a proxy"))

  defp credentials(nil), do: []

  defp credentials(user) do
    [name | password] = user |> String.split(":", parts: 2) |> Enum.map(&to_charlist(URI.decode(&1)))
    [proxy_auth: {name, List.first(password) || ~c""}]
  end

  defp profile(name, options) do
    with {:ok, _} <- :inets.start(:httpc, profile: name), do: :httpc.set_options(options, name)
    name
  end
end
