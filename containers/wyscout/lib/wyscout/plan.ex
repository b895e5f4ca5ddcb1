defmodule Wyscout.Plan do
  @moduledoc """
  What is fetched of Wyscout's open data: files of one key each, those of a few said matches, and a file of events for each
  match that the index lists.

  A feed with `listed = { feed, pattern }` has as many keys as the pattern finds values in the file of that feed: its first
  group fills the place of `key`. The list stands in the state, too, so that an index that has not changed need not come
  again.
  """

  @behaviour Extractor.Plan

  alias Extractor.{Failure, Plan, Request}

  @doc "The files of one key; an index comes whole unless the state knows what it lists."
  @impl true
  def wanted!(%Request{} = request) do
    {listed, fixed} = request.feeds |> Enum.sort() |> Enum.split_with(&listed?/1)
    if listed == [] and fixed == [], do: wrong!("no feed is wanted")
    indexes = MapSet.new(listed, fn {_feed, table} -> table["listed"]["feed"] end)

    for {feed, table} <- fixed, values <- values!(table["values"], feed) do
      wanted = Plan.one!(request, feed, table, values)
      index = MapSet.member?(indexes, feed)
      %{wanted | read: index, whole: index and not remembered?(request, wanted)}
    end
  end

  @doc "The keys that are listed, and what to remember of the lists."
  @impl true
  def more!(%Request{} = request, texts) do
    lists =
      for {feed, %{"listed" => listed}} <- Enum.sort(request.feeds), do: {feed, list!(request, texts, feed, listed)}

    wanted =
      for {feed, %{"values" => values, "place" => place}} <- lists,
          value <- values,
          do: Plan.one!(request, feed, request.feeds[feed], %{place => value})

    {wanted, remembered(Map.new(lists))}
  end

  # A state has 64 KiB at most: where lists are longer, the index comes whole every time.
  defp remembered(lists) do
    if lists != %{} and byte_size(JSON.encode!(lists)) <= 60_000, do: lists
  end

  # A feed of few keys says the values of its one place itself.
  defp values!(nil, _feed), do: [%{}]

  defp values!(%{} = table, feed) do
    case Map.to_list(table) do
      [{place, values}] when is_list(values) -> for value <- values, do: %{place => "#{value}"}
      _ -> wrong!("feeds.#{feed}.values is #{inspect(table)}; a list of values of one place is expected")
    end
  end

  defp values!(values, feed), do: wrong!("feeds.#{feed}.values is #{inspect(values)}; a table is expected")

  defp listed?({_feed, table}), do: is_map_key(table, "listed")

  # Whether the state holds what the bytes list that the lake has: then 304 is answer enough.
  defp remembered?(request, wanted) do
    known = request.known[{wanted.feed, wanted.key}]
    known != nil and Enum.any?(request.state || %{}, fn {_, list} -> list["index"] == known["sha256"] end)
  end

  defp list!(request, texts, feed, %{"feed" => index, "pattern" => pattern}) do
    place = place!(request.feeds[feed]["key"], feed)

    case Enum.find(texts, fn {{name, _key}, _text} -> name == index end) do
      {_, text} -> %{"index" => sha256(text), "place" => place, "values" => values!(text, pattern, feed)}
      nil -> (request.state || %{})[feed] || wrong!("feeds.#{feed}.listed: its feed #{inspect(index)} is not wanted")
    end
  end

  defp list!(_request, _texts, feed, listed),
    do: wrong!("feeds.#{feed}.listed is #{inspect(listed)}; a feed and a pattern are expected")

  defp place!(key, feed) do
    case Regex.scan(~r/(?<!\{)\{([a-z_]+)\}/, key || "") do
      [[_, name]] -> name
      _ -> wrong!("feeds.#{feed}.key is #{inspect(key)}; it has one place for what is listed")
    end
  end

  defp values!(text, pattern, feed) do
    with {:ok, regex} <- Regex.compile(pattern),
         [_ | _] = found <- Regex.scan(regex, text, capture: :all_but_first) do
      found |> Enum.map(&hd/1) |> Enum.uniq()
    else
      {:error, {reason, at}} -> wrong!("feeds.#{feed}.listed.pattern: #{reason} at #{at}")
      [] -> raise Failure.new(:data, "the index of #{feed} lists nothing that fits #{inspect(pattern)}")
    end
  end

  defp sha256(bytes), do: :sha256 |> :crypto.hash(bytes) |> Base.encode16(case: :lower)

  @spec wrong!(String.t()) :: no_return
  defp wrong!(message), do: raise(Failure.new(:configuration, message))
end
