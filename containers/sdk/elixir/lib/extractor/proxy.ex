defmodule Extractor.Proxy do
  @moduledoc "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY: which proxy a URL is asked through."

  alias Extractor.Failure

  @doc "The proxy for a URL, or nil; raises a configuration failure where it is none that can be used."
  @spec of(String.t(), %{String.t() => String.t()}) :: URI.t() | nil
  def of(url, env \\ System.get_env()) do
    with text when is_binary(text) <- find(url, env) do
      case URI.parse(if(text =~ "://", do: text, else: "http://" <> text)) do
        %URI{scheme: "http", host: host} = proxy when host not in [nil, ""] -> proxy
        _ -> raise Failure.new(:configuration, "HTTPS_PROXY or HTTP_PROXY is no http URL of a proxy")
      end
    end
  end

  @doc "The header that carries a proxy's user and password, where it has some."
  @spec credentials(URI.t()) :: iodata
  def credentials(%URI{userinfo: nil}), do: []

  def credentials(%URI{userinfo: user}),
    do: ["proxy-authorization: Basic ", Base.encode64(URI.decode(user)), "\r\n"]

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
end
