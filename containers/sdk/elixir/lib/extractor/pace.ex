defmodule Extractor.Pace do
  @moduledoc """
  When the next request may go out, over all tasks: so many a second, and none while upstream asked for a pause.
  A mirror on the loopback interface is not spared.
  """

  alias Extractor.{Clock, Request}

  @enforce_keys [:agent, :gap, :width]
  defstruct @enforce_keys
  @type t :: %__MODULE__{agent: pid, gap: non_neg_integer, width: pos_integer}

  @tries 5

  @spec new(Request.t()) :: t
  def new(%Request{limits: limits, mirror: mirror}) do
    {:ok, agent} = Agent.start_link(&Clock.now/0)

    if loopback?(mirror),
      do: %__MODULE__{agent: agent, gap: 0, width: max(4, limits.concurrency)},
      else: %__MODULE__{agent: agent, gap: ceil(1000 / limits.requests_per_second), width: limits.concurrency}
  end

  @doc "How many requests may be under way at once."
  def width(%__MODULE__{width: width}), do: width

  @doc "How often a key is tried."
  def tries, do: @tries

  @doc "Returns when the caller may send a request."
  @spec wait!(t, Clock.t()) :: :ok
  def wait!(%__MODULE__{} = pace, clock) do
    now = Clock.now()
    slot = Agent.get_and_update(pace.agent, fn next -> {max(next, now), max(next, now) + pace.gap} end)
    if slot > now, do: Clock.sleep!(clock, (slot - now) / 1000), else: :ok
  end

  @doc "Nothing is sent for so many seconds: upstream asked for it."
  @spec hold(t, number) :: :ok
  def hold(%__MODULE__{agent: agent}, seconds) do
    until = Clock.now() + round(seconds * 1000)
    Agent.update(agent, &max(&1, until))
  end

  @doc "Seconds to wait after so many failures: doubled each time, between half and all of it by chance."
  @spec backoff(float, pos_integer) :: float
  def backoff(base, failures), do: base * 2 ** (failures - 1) * (0.5 + :rand.uniform() / 2)

  @doc "Seconds that a Retry-After header asks for, as a number or as a date; nil where it says nothing."
  @spec retry_after(String.t() | nil, DateTime.t()) :: number | nil
  def retry_after(nil, _now), do: nil

  def retry_after(text, now) do
    case Integer.parse(String.trim(text)) do
      {seconds, ""} when seconds >= 0 ->
        seconds

      _ ->
        text
        |> String.trim()
        |> String.to_charlist()
        |> :httpd_util.convert_request_date()
        |> seconds_until(now)
    end
  end

  defp seconds_until({date, time}, now) do
    at = DateTime.from_naive!(NaiveDateTime.from_erl!({date, time}), "Etc/UTC")
    max(0, DateTime.diff(at, now))
  end

  defp seconds_until(:bad_date, _now), do: nil

  defp loopback?(nil), do: false
  defp loopback?(url), do: URI.parse(url).host in ["localhost", "127.0.0.1", "::1"]
end
