defmodule Extractor.Plan do
  @moduledoc """
  From feeds' tables to what is fetched. This plan serves feeds of one file each: `key` is fixed, `url` is the key unless
  it is given. Pure: no network.

  A source of another kind has a plan of its own: a module with `wanted!/1`, which says what is fetched first, and `more!/2`,
  which says what then, by the bytes of what was fetched with `read: true`. `one!/4` makes an entry of a feed's table.
  """

  alias Extractor.{Failure, Request}

  @formats ~w(json ndjson csv parquet text zip)

  @typedoc """
  A key to fetch. `optional`: it may be absent; `lacking`: then because a mirror lacks what upstream must have. `read`: the
  plan looks at its bytes, if any come; `whole`: they have to, so it is asked for without conditions.
  """
  @type wanted :: %{
          feed: String.t(),
          key: String.t(),
          url: String.t(),
          optional: boolean,
          lacking: boolean,
          read: boolean,
          whole: boolean,
          expect: String.t()
        }
  @typedoc "The bytes of what was fetched with `read: true`, by feed and key; nothing of what is absent, or 304."
  @type texts :: %{{feed :: String.t(), key :: String.t()} => binary}

  @doc "What is fetched first."
  @callback wanted!(Request.t()) :: [wanted]
  @doc "What is fetched then, and the state that the seal carries: what the next request brings back."
  @callback more!(Request.t(), texts) :: {[wanted], state :: map | nil}

  @behaviour __MODULE__

  @doc "What to fetch, ordered by feed; raises a configuration failure that names the field that is wrong."
  @impl true
  def wanted!(%Request{feeds: feeds}) when map_size(feeds) == 0, do: wrong!("no feed is wanted")

  def wanted!(%Request{} = request) do
    for {feed, table} <- Enum.sort(request.feeds), do: one!(request, feed, table)
  end

  @doc "Nothing more, and no state."
  @impl true
  def more!(_request, _texts), do: {[], nil}

  @doc "The entry of one key of a feed; `values` fill the places of `key` and `url`, such as `{match}`."
  @spec one!(Request.t(), String.t(), map, %{String.t() => String.t()}) :: wanted
  def one!(%Request{} = request, feed, table, values \\ %{}) do
    key = filled!(table["key"], values, "feeds.#{feed}.key")
    optional = optional!(table["optional"], feed)
    lacking = optional == "mirror" and request.mirror != nil

    %{
      feed: feed,
      key: key!(key, "feeds.#{feed}.key"),
      url: base!(request, feed, table) <> relative!(table["url"], key, values, "feeds.#{feed}.url"),
      optional: lacking or optional == true,
      lacking: lacking,
      read: false,
      whole: false,
      expect: expect!(table["expect"] || table["format"], feed)
    }
  end

  @place ~r/\{\{|\}\}|\{([a-z_]+)\}/

  # `{{` stands for a brace; a single one is a place for a value.
  defp filled!(text, values, where) when is_binary(text) and text != "" do
    if @place |> Regex.replace(text, "") |> String.contains?(["{", "}"]),
      do: wrong!("#{where} is #{inspect(text)}: a brace stands alone; two are one")

    Regex.replace(@place, text, fn
      "{{", _ -> "{"
      "}}", _ -> "}"
      _, name -> values[name] || wrong!("#{where} is #{inspect(text)}: nothing gives values for {#{name}}")
    end)
  end

  defp filled!(text, _values, where), do: wrong!("#{where} is #{inspect(text)}; a text is expected")

  defp key!(key, where) do
    whole = byte_size(key) <= 512 and String.valid?(key) and :unicode.characters_to_nfc_binary(key) == key

    if whole and Enum.all?(String.split(key, "/"), &part?/1),
      do: key,
      else: wrong!("#{where}: #{inspect(key)} is no key")
  end

  defp part?(part) do
    byte_size(part) in 1..200 and not String.ends_with?(part, [".", " "]) and not (part =~ ~r/[[:cntrl:]]/u)
  end

  defp relative!(nil, key, _values, _where), do: encoded(key, [?/])

  defp relative!(url, _key, values, where) do
    text = filled!(url, Map.new(values, fn {name, value} -> {name, encoded(value, [])} end), where)
    path = text |> String.split("?") |> hd()

    if URI.parse(text).scheme || String.starts_with?(path, "/") || String.contains?(text, "#") ||
         Enum.any?(String.split(path, "/"), &(&1 in [".", ".."])) do
      wrong!("#{where}: #{inspect(text)} does not stay below its base")
    end

    text
  end

  defp encoded(text, besides), do: URI.encode(text, &(URI.char_unreserved?(&1) or &1 in besides))

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
  defp optional!(value, _feed) when value in [true, "mirror"], do: value

  defp optional!(value, feed),
    do: wrong!("feeds.#{feed}.optional is #{inspect(value)}; true, false or \"mirror\" is expected")

  defp expect!(value, _feed) when value in @formats, do: value

  defp expect!(value, feed),
    do: wrong!("feeds.#{feed}.expect is #{inspect(value)}; one of #{inspect(@formats)} is expected")

  @spec wrong!(String.t()) :: no_return
  defp wrong!(message), do: raise(Failure.new(:configuration, message))
end
