defmodule Extractor.Plan do
  @moduledoc """
  From feeds' tables to what is fetched. This extractor serves feeds of one file each: `key` is fixed, `url` is the key
  unless it is given. Pure: no network.
  """

  alias Extractor.{Failure, Request}

  @formats ~w(json ndjson csv parquet text)

  @type wanted :: %{feed: String.t(), key: String.t(), url: String.t(), optional: boolean, expect: String.t()}

  @doc "What to fetch, ordered by feed; raises a configuration failure that names the field that is wrong."
  @spec wanted!(Request.t()) :: [wanted]
  def wanted!(%Request{feeds: feeds}) when map_size(feeds) == 0, do: wrong!("no feed is wanted")

  def wanted!(%Request{} = request) do
    for {feed, table} <- Enum.sort(request.feeds) do
      key = fixed!(table["key"], "feeds.#{feed}.key")

      %{
        feed: feed,
        key: key!(key, "feeds.#{feed}.key"),
        url: base!(request, feed, table) <> relative!(table["url"], key, "feeds.#{feed}.url"),
        optional: optional!(table["optional"], feed),
        expect: expect!(table["expect"] || table["format"], feed)
      }
    end
  end

  # `{{` stands for a brace; a single one would be a place for a value.
  defp fixed!(text, where) when is_binary(text) and text != "" do
    bare = String.replace(text, ["{{", "}}"], "")

    if String.contains?(bare, ["{", "}"]),
      do: wrong!("#{where} is #{inspect(text)}: places for values are not served")

    text |> String.replace("{{", "{") |> String.replace("}}", "}")
  end

  defp fixed!(text, where), do: wrong!("#{where} is #{inspect(text)}; a text is expected")

  defp key!(key, where) do
    whole = byte_size(key) <= 512 and String.valid?(key) and :unicode.characters_to_nfc_binary(key) == key

    if whole and Enum.all?(String.split(key, "/"), &part?/1),
      do: key,
      else: wrong!("#{where}: #{inspect(key)} is no key")
  end

  defp part?(part) do
    byte_size(part) in 1..200 and not String.ends_with?(part, [".", " "]) and not (part =~ ~r/[[:cntrl:]]/u)
  end

  defp relative!(nil, key, _where), do: URI.encode(key, &(URI.char_unreserved?(&1) or &1 == ?/))

  defp relative!(url, _key, where) do
    text = fixed!(url, where)
    path = text |> String.split("?") |> hd()

    if URI.parse(text).scheme || String.starts_with?(path, "/") || String.contains?(text, "#") ||
         Enum.any?(String.split(path, "/"), &(&1 in [".", ".."])) do
      wrong!("#{where}: #{inspect(text)} does not stay below its base")
    end

    text
  end

  # The URL that a feed's URLs are relative to, with a final slash; the mirror's, if there is one.
  defp base!(%Request{bases: bases} = request, feed, table) do
    name = table["base"] || if map_size(bases) == 1, do: hd(Map.keys(bases))

    base =
      bases[name] ||
        wrong!("feeds.#{feed}.base is #{inspect(name)}; the bases are #{inspect(Map.keys(bases))}")

    case {request.mirror, String.trim(base["mirror"] || "", "/")} do
      {nil, _} -> public!(base["url"], name)
      {mirror, ""} -> "#{mirror}/#{request.source}/"
      {mirror, folder} -> "#{mirror}/#{request.source}/#{folder}/"
    end
  end

  # The address ends up in the seal, so it must not hold a password.
  defp public!(url, name) when is_binary(url) do
    case URI.parse(url) do
      %URI{scheme: scheme, host: host, userinfo: nil, query: nil, fragment: nil}
      when scheme in ["http", "https"] and host not in [nil, ""] ->
        String.trim_trailing(url, "/") <> "/"

      _ ->
        wrong!("bases.#{name}.url is no http or https URL of a folder")
    end
  end

  defp public!(_, name), do: wrong!("bases.#{name}.url is missing")

  defp optional!(value, _feed) when value in [nil, false], do: false
  defp optional!(true, _feed), do: true

  defp optional!(value, feed),
    do: wrong!("feeds.#{feed}.optional is #{inspect(value)}; true or false is expected")

  defp expect!(value, _feed) when value in @formats, do: value

  defp expect!(value, feed),
    do: wrong!("feeds.#{feed}.expect is #{inspect(value)}; one of #{inspect(@formats)} is expected")

  @spec wrong!(String.t()) :: no_return
  defp wrong!(message), do: raise(Failure.new(:configuration, message))
end
