defmodule Extractor.Clock do
  @moduledoc "The time that is left. It ends early enough to seal what was fetched before the pipeline's own deadline."

  alias Extractor.Failure

  @enforce_keys [:ends]
  defstruct @enforce_keys
  @type t :: %__MODULE__{ends: integer}

  @spec new(number) :: t
  def new(deadline_s), do: %__MODULE__{ends: now() + round(1000 * (deadline_s - min(15, deadline_s / 10)))}

  @doc "Milliseconds to wait for something that may take `at_most`; raises a temporary failure once the deadline is over."
  @spec wait!(t, non_neg_integer) :: pos_integer
  def wait!(%__MODULE__{ends: ends}, at_most) do
    left = ends - now()
    if left <= 0, do: raise(Failure.new(:temporary, "the deadline is over: raise limits.deadline_s"))
    min(left, at_most)
  end

  @doc "Sleeps; raises a temporary failure at once where the deadline would come first."
  @spec sleep!(t, number) :: :ok
  def sleep!(%__MODULE__{ends: ends}, seconds) do
    pause = round(seconds * 1000)

    if pause >= ends - now() do
      raise Failure.new(:temporary, "a wait of #{round(seconds)} s would pass the deadline", seconds)
    end

    Process.sleep(max(pause, 0))
  end

  @doc "Milliseconds on a clock that only goes forward."
  @spec now() :: integer
  def now, do: System.monotonic_time(:millisecond)
end
